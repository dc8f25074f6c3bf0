import type { Envelope, StreamName } from '@tessera/schema/contract';
import type { Redis } from 'ioredis';
import { parseEntry, type StreamEntry } from './entry.ts';
import { LiveStream } from './live-stream.ts';
import { type MessagingLog, streamKey } from './names.ts';
import { connectBlockingRedis, connectRedis } from './redis.ts';
import { requestReplay } from './replay-requests.ts';
import { createSeal, type Seal } from './seal.ts';
import { topOf } from './stream.ts';
import { BLOCK_MS, readStreams } from './stream-reader.ts';
import { backoffMs, pause } from './timing.ts';

const MAX_RANGE = 1_000;
/** Entries of the first read of a range; what they hold tells how many the next needs. */
const FIRST_ENTRIES = 8;
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

/** Events that were never emitted and will not be: everything of the stream up to this position may be missing. */
export interface StreamGap {
  readonly stream: StreamName;
  readonly gapTo: number;
}

type Listener = (event: Envelope) => void;
type Wants = (stream: StreamName, type: string) => boolean;
type GapListener = (gap: StreamGap) => void;

export interface StreamTail {
  /** Resolves once every event that is published from now on will be emitted; waits for Redis as long as it takes. */
  start(): Promise<void>;
  /**
   * Each event once, per stream in the order of positions. Where some are missing for good, `onGap` says so first.
   * @param wants asked for each event when it comes, or once for many: what nobody wants is not even read
   */
  onEvent(listener: Listener, wants?: Wants): () => void;
  onGap(listener: GapListener): () => void;
  /**
   * The events right behind a position, at most `limit` (≤ 1,000), in order; none where the stream ends. Null where one of them is missing:
   * trimmed, lost, or without the mark of a service. Rejects while Redis is away.
   */
  readRange(stream: StreamName, afterPosition: number, limit: number): Promise<Envelope[] | null>;
  /** How far the stream has been emitted; what comes later comes to the listeners. */
  emittedPosition(stream: StreamName): number;
  close(): Promise<void>;
}

/** Reads each stream once for any number of listeners: the source of live subscriptions. */
export function createStreamTail({ redisUrl, eventsSecret, streams, log, prefix = '' }: StreamTailOptions): StreamTail {
  const stop = new AbortController();
  const seal = createSeal(eventsSecret);
  const listeners = new Map<Listener, Wants>();
  const gapListeners = new Set<GapListener>();
  const commands = connectRedis(redisUrl, 'tessera-tail', log);
  const keyOf = (stream: string): string => streamKey(prefix, stream);
  const tails = new Map(
    streams.map((stream) => {
      const work = {
        wants: (type: string) => [...listeners.values()].some((wants) => wants(stream, type)),
        emit: (event: Envelope) =>
          tellAll(
            [...listeners].flatMap(([listener, wants]) => (wants(stream, event.type) ? [listener] : [])),
            event,
            log,
          ),
        lose: (gapTo: number) => tellAll(gapListeners, { stream, gapTo }, log),
        // Without an answer the lane reads on and asks again.
        ask: (from: number) => requestReplay(commands, prefix, stream, from, 'tail').catch(() => undefined),
      };
      return [stream, new LiveStream(stream, work, log, stop.signal)];
    }),
  );
  let starting: Promise<void> | undefined;
  let reading: Promise<void> | undefined;

  async function begin(): Promise<void> {
    const live = [...tails.values()];
    await Promise.all(
      live.map(async (tail) => tail.begin(await startOf(commands, keyOf(tail.stream), { seal, log, signal: stop.signal }))),
    );
    if (stop.signal.aborted) return;
    const redis = connectBlockingRedis(redisUrl, 'tessera-tail-reader', BLOCK_MS, log);
    reading = readStreams(redis, live, { keyOf, seal, log, signal: stop.signal });
  }

  return {
    start() {
      starting ??= begin();
      return starting;
    },
    onEvent(listener, wants = () => true) {
      listeners.set(listener, wants);
      return () => void listeners.delete(listener);
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => void gapListeners.delete(listener);
    },
    readRange: (stream, afterPosition, limit) => readRange(commands, keyOf(stream), { stream, seal, afterPosition, limit }),
    emittedPosition: (stream) => tails.get(stream)?.position ?? 0,
    async close() {
      stop.abort();
      commands.disconnect();
      await starting;
      await reading;
    },
  };
}

interface Range {
  readonly stream: StreamName;
  readonly seal: Seal;
  readonly afterPosition: number;
  readonly limit: number;
}

async function readRange(redis: Redis, key: string, { stream, seal, afterPosition, limit }: Range): Promise<Envelope[] | null> {
  const wanted = Math.min(limit, MAX_RANGE);
  const events: Envelope[] = [];
  for (let count = Math.min(FIRST_ENTRIES, wanted); events.length < wanted; ) {
    const next = afterPosition + events.length + 1;
    const entries = await redis.xrange(key, `${next}-0`, '+', 'COUNT', count);
    for (const entry of entries) {
      const held = eventsOf(parseEntry(stream, entry, seal), afterPosition + events.length + 1);
      if (!held) return null;
      events.push(...held);
    }
    if (entries.length < count) break;
    count = Math.max(1, Math.ceil(((wanted - events.length) * entries.length) / (afterPosition + events.length + 1 - next)));
  }
  return events.slice(0, wanted);
}

/** The events of an entry from a position on, which must be in it; null where one of them is missing. */
function eventsOf({ event, pack }: StreamEntry, from: number): Envelope[] | null {
  const held = pack ? pack.unpack().map((entry) => entry.event) : [event];
  const rest = held.slice(pack ? Math.max(0, from - pack.first) : 0);
  return rest.every((each) => each !== null) && rest[0]?.position === from ? rest : null;
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

/** A listener that throws must not take the news from the others. */
function tellAll<T extends Envelope | StreamGap>(listeners: Iterable<(news: T) => void>, news: T, log: MessagingLog): void {
  for (const listener of listeners) {
    try {
      listener(news);
    } catch (error) {
      log.error({ err: error, stream: news.stream, ...('id' in news ? { eventId: news.id } : {}) }, 'A listener of live events failed');
    }
  }
}
