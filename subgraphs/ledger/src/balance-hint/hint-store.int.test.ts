import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { aLedger, type TestLedger } from '../../test/a-ledger.ts';
import { createHintStore } from './hint-store.ts';

const BUSY_MS = 600;

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

it('MUST not take a busy process of its own for a Redis that does not answer', async () => {
  const store = createHintStore(ledger.config.redisUrl, randomUUID(), 1_000, ledger.subgraph.platform.log);
  await store.look(['wal_1']);
  const raised = store.raise(['wal_1']);
  const untilMs = performance.now() + BUSY_MS;
  while (performance.now() < untilMs);
  await expect((await raised)()).resolves.toBeUndefined();
  store.close();
});
