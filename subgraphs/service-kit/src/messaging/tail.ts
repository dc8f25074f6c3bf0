import type { Envelope, StreamName } from '@tessera/schema/contract';
import type { Redis } from 'ioredis';
import { LiveStream } from './live-stream.ts';
import { type MessagingLog, streamKey } from './names.ts';
import { connectBlockingRedis, connectRedis } from './redis.ts';
import { createSeal, type Seal } from './seal.ts';
import { parseEntry, topOf } from './stream.ts';
import { BLOCK_MS, readStreams } from './stream-reader.ts';
import { backoffMs, pause } from './timing.ts';

const MAX_RANGE = 1_000;
const RETRY_BASE_MS = 50;
const RETRY_CAP_MS = 1_000;
export interface StreamTailOptions {
  readonly redisUrl: string;
  /** Known to the services alone: entries without their mark are not emitted. */
  readonly eventsSecret: string;
  readonly streams: readonly StreamName[];
  readonly log: MessagingLog;
  /** Parts key spaces that share a Redis database, default none. */
  readonly prefix?: string;
}

type Listener = (event: Envelope) => void;

export interface StreamTail {
  /** Resolves once every event that is published from now on will be emitted; waits for Redis as long as it takes. */
  start(): Promise<void>;
  /** Each event once, per stream in the order of positions. Positions have no gaps: a listener that sees one has lost events. */
  onEvent(listener: Listener): () => void;
  /** Events behind a position, at most `limit` (≤ 1,000), in order. Rejects while Redis is away. */
  readRange(stream: StreamName, afterPosition: number, limit: number): Promise<Envelope[]>;
  /** The oldest position that `readRange` can still answer; null for an empty stream. */
  oldestPosition(stream: StreamName): Promise<number | null>;
  /** How far the stream has been emitted; what comes later comes to the listeners. */
  emittedPosition(stream: StreamName): number;
  close(): Promise<void>;
}

/** Reads each stream once for any number of listeners: the source of live subscriptions. */
export function createStreamTail({ redisUrl, eventsSecret, streams, log, prefix = '' }: StreamTailOptions): StreamTail {
  const stop = new AbortController();
  const seal = createSeal(eventsSecret);
  const listeners = new Set<Listener>();
  const commands = connectRedis(redisUrl, 'tessera-tail', log);
  const keyOf = (stream: string): string => streamKey(prefix, stream);
  const tails = new Map(
    streams.map((stream) => [stream, new LiveStream(stream, (event) => tellAll(listeners, event, log), log, stop.signal)]),
  );
  let starting: Promise<void> | undefined;
  let reading: Promise<void> | undefined;

  async function begin(): Promise<void> {
    const live = [...tails.values()];
    await Promise.all(live.map(async (tail) => tail.begin(await startOf(commands, keyOf(tail.stream), { seal, log, signal: stop.signal }))));
    if (stop.signal.aborted) return;
    const redis = connectBlockingRedis(redisUrl, 'tessera-tail-reader', BLOCK_MS, log);
    reading = readStreams(redis, live, { keyOf, seal, log, signal: stop.signal });
  }

  return {
    start() {
      starting ??= begin();
      return starting;
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async readRange(stream, afterPosition, limit) {
      const entries = await commands.xrange(keyOf(stream), `${afterPosition + 1}-0`, '+', 'COUNT', Math.min(limit, MAX_RANGE));
      return entries.flatMap((entry) => parseEntry(stream, entry, seal).event ?? []);
    },
    async oldestPosition(stream) {
      const [oldest] = await commands.xrange(keyOf(stream), '-', '+', 'COUNT', 1);
      return oldest ? parseEntry(stream, oldest, seal).position : null;
    },
    emittedPosition: (stream) => tails.get(stream)?.position ?? 0,
    async close() {
      stop.abort();
      commands.disconnect();
      await starting;
      await reading;
    },
  };
}

/** "Now": the newest position, as soon as Redis can tell. */
async function startOf(
  redis: Redis,
  key: string,
  { seal, log, signal }: { readonly seal: Seal; readonly log: MessagingLog; readonly signal: AbortSignal },
): Promise<number> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      return Math.max(0, (await topOf(redis, key, seal)).position);
    } catch (error) {
      if (failures === 1) log.warn({ key, reason: error instanceof Error ? error.message : String(error) }, 'Live events wait for Redis');
      await pause(backoffMs(failures, RETRY_BASE_MS, RETRY_CAP_MS), signal);
    }
  }
  return 0;
}

/** A listener that throws must not take the event from the others. */
function tellAll(listeners: ReadonlySet<Listener>, event: Envelope, log: MessagingLog): void {
  for (const listener of listeners) {
    try {
      listener(event);
    } catch (error) {
      log.error({ err: error, eventId: event.id, type: event.type }, 'A listener of live events failed');
    }
  }
}
