import type { Envelope, StreamName } from '@tessera/schema/contract';
import type { Redis } from 'ioredis';
import { epochKey, type MessagingLog, ownerOf, streamKey } from './names.ts';
import { connectBlockingRedis, connectRedis } from './redis.ts';
import { parseEntry, type StreamEntry, topOf } from './stream.ts';
import { BLOCK_MS, type Reader, readStreams } from './stream-reader.ts';
import { backoffMs, pause } from './timing.ts';

const MAX_RANGE = 1_000;
const RETRY_BASE_MS = 50;
const RETRY_CAP_MS = 1_000;
/** An empty stream without an epoch is perhaps about to be filled with old events: how long to wait for its writer before it counts as new. */
const EPOCH_PATIENCE_MS = 2_000;
const EPOCH_POLL_MS = 50;

export interface StreamTailOptions {
  readonly redisUrl: string;
  readonly streams: readonly StreamName[];
  readonly log: MessagingLog;
  /** Parts key spaces that share a Redis database, default none. */
  readonly prefix?: string;
}

export interface StreamTail {
  /** Resolves once every event that is published from now on will be emitted; waits for Redis as long as it takes. */
  start(): Promise<void>;
  /** Each event once, per stream in the order of positions. Positions have no gaps: a listener that sees one has lost events. */
  onEvent(listener: (event: Envelope) => void): () => void;
  /** Events behind a position, at most `limit` (≤ 1,000), in order. Rejects while Redis is away. */
  readRange(stream: StreamName, afterPosition: number, limit: number): Promise<Envelope[]>;
  /** The oldest position that `readRange` can still answer; null for an empty stream. */
  oldestPosition(stream: StreamName): Promise<number | null>;
  /** How far the stream has been emitted; what comes later comes to the listeners. */
  emittedPosition(stream: StreamName): number;
  close(): Promise<void>;
}

/** Reads each stream once for any number of listeners: the source of live subscriptions. */
export function createStreamTail({ redisUrl, streams, log, prefix = '' }: StreamTailOptions): StreamTail {
  const stop = new AbortController();
  const listeners = new Set<(event: Envelope) => void>();
  const commands = connectRedis(redisUrl, 'tessera-tail', log);
  const keyOf = (stream: string): string => streamKey(prefix, stream);
  const emit = (event: Envelope): void => tellAll(listeners, event, log);
  const cursors = new Map<string, number>();
  let starting: Promise<void> | undefined;
  let running: Promise<void> | undefined;

  async function begin(): Promise<void> {
    await Promise.all(streams.map(async (stream) => cursors.set(stream, await startOf(commands, prefix, stream, log, stop.signal))));
    if (stop.signal.aborted) return;
    const redis = connectBlockingRedis(redisUrl, 'tessera-tail-reader', BLOCK_MS, log);
    const readers = streams.map((stream) => createReader(stream, cursors, emit, log));
    running = readStreams(redis, readers, keyOf, log, stop.signal);
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
      return entries.flatMap((entry) => parseEntry(stream, entry).event ?? []);
    },
    async oldestPosition(stream) {
      const [oldest] = await commands.xrange(keyOf(stream), '-', '+', 'COUNT', 1);
      return oldest ? parseEntry(stream, oldest).position : null;
    },
    emittedPosition: (stream) => cursors.get(stream) ?? 0,
    async close() {
      stop.abort();
      commands.disconnect();
      await starting;
      await running;
    },
  };
}

function createReader(stream: StreamName, cursors: Map<string, number>, emit: (event: Envelope) => void, log: MessagingLog): Reader {
  const cursor = (): number => cursors.get(stream) ?? 0;
  function take({ position, event }: StreamEntry): void {
    if (position > cursor() + 1) log.warn({ stream, from: cursor() + 1, to: position - 1 }, 'The live stream has a gap');
    cursors.set(stream, Math.max(cursor(), position));
    if (event) emit(event);
    else log.error({ stream, position }, 'The live stream has an entry that is not an event');
  }
  return { stream, cursor, push: (_from, entries) => entries.forEach(take) };
}

/** "Now": the newest position. A stream that Redis has just lost has none until its writer has filled it again. */
async function startOf(redis: Redis, prefix: string, stream: StreamName, log: MessagingLog, signal: AbortSignal): Promise<number> {
  const patientUntilMs = performance.now() + EPOCH_PATIENCE_MS;
  for (let failures = 0; !signal.aborted; ) {
    try {
      const isFilled = await redis.exists(epochKey(prefix, ownerOf(stream) ?? stream));
      const top = await topOf(redis, streamKey(prefix, stream));
      if (top > 0 || isFilled || performance.now() > patientUntilMs) return Math.max(0, top);
      await pause(EPOCH_POLL_MS, signal);
    } catch (error) {
      failures += 1;
      if (failures === 1)
        log.warn({ stream, reason: error instanceof Error ? error.message : String(error) }, 'Live events wait for Redis');
      await pause(backoffMs(failures, RETRY_BASE_MS, RETRY_CAP_MS), signal);
    }
  }
  return 0;
}

/** A listener that throws must not take the event from the others. */
function tellAll(listeners: ReadonlySet<(event: Envelope) => void>, event: Envelope, log: MessagingLog): void {
  for (const listener of listeners) {
    try {
      listener(event);
    } catch (error) {
      log.error({ err: error, eventId: event.id, type: event.type }, 'A listener of live events failed');
    }
  }
}
