import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { connectBlockingRedis } from './redis.ts';
import { createSeal } from './seal.ts';
import { BLOCK_MS, readStreams } from './stream-reader.ts';
import { within } from './timing.ts';

const NOWHERE = 'redis://127.0.0.1:1';
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const seal = createSeal('secret');
const CLOSE_WITHIN_MS = 2_000;

test('reading ends when it is told to although Redis cannot be reached', async () => {
  const stop = new AbortController();
  const redis = connectBlockingRedis(NOWHERE, 'test', BLOCK_MS, silent);
  const reading = readStreams(redis, [{ stream: 'user-events', cursor: () => 0, push: () => undefined }], {
    keyOf: String,
    seal,
    log: silent,
    signal: stop.signal,
  });
  await sleep(200); // between two attempts to connect, with the read waiting in the client
  stop.abort();
  await expect(within(CLOSE_WITHIN_MS, 'the end', reading)).resolves.toBeUndefined();
});
