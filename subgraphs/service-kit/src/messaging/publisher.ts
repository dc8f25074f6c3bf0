import type { Redis } from 'ioredis';
import type { ClientBase } from 'pg';
import type { NewEntry } from './entry.ts';
import { epochKey, type MessagingLog, streamKey } from './names.ts';
import { assignPositions, isFull, lastPositions, loadUnpublished, markPublished } from './outbox-log.ts';
import { rebuildStreams } from './rebuild.ts';
import { takeReplayRequests } from './replay-requests.ts';
import type { Seal } from './seal.ts';
import { appendToStream, type StreamTop, topOf } from './stream.ts';

/** An operator's or consumer's replay stays on the stream for so long, even where it is longer than streams usually are. */
const REPLAY_RETENTION_MS = 3_600_000;
const MAX_BATCHES_PER_TURN = 100;

export interface PublisherOptions {
  readonly client: ClientBase;
  readonly redis: Redis;
  readonly service: string;
  readonly prefix: string;
  readonly seal: Seal;
  /** Events of a step, about. */
  readonly batchSize: number;
  readonly maxStreamLength: number;
  readonly epochWindowMs: number;
  readonly log: MessagingLog;
  readonly signal: AbortSignal;
}

/** What somebody asked for stays on the stream for a while. */
interface Retained {
  readonly from: number;
  readonly untilMs: number;
}

/** The leader's state: what it knows to be on the streams. Nothing of it is needed after a crash. */
export interface Publisher {
  /** Publishes what has been committed. True when there may be more than one turn publishes. */
  publish(): Promise<boolean>;
  /** Looks whether Redis still holds what was published, with the mark, and serves requests for old events. */
  verify(): Promise<void>;
}

export function createPublisher(options: PublisherOptions): Publisher {
  const { client, redis, service, prefix, seal, batchSize, log, signal } = options;
  const published = new Map<string, number>();
  const retained = new Map<string, Retained>();
  let isCertain = false;

  async function append(entries: readonly NewEntry[]): Promise<void> {
    for (const [stream, ofStream] of Map.groupBy(entries, (entry) => entry.stream)) {
      const outcome = await appendToStream(redis, {
        key: streamKey(prefix, stream),
        epochKey: epochKey(prefix, service),
        keepFrom: keepFrom((ofStream.at(-1)?.position ?? 0) - options.maxStreamLength, retained.get(stream)),
        entries: ofStream,
        seal,
      });
      // The outbox knows these events already, so filling anew brings them too.
      if (outcome === 'appended') published.set(stream, Math.max(published.get(stream) ?? 0, ofStream.at(-1)?.position ?? 0));
      else return rebuild(outcome);
    }
    await markPublished(client, entries);
  }

  async function rebuild(reason: string, from: ReadonlyMap<string, number> = new Map()): Promise<void> {
    // The first start on an empty Redis is no loss.
    log[published.size === 0 ? 'info' : 'warn'](
      { service, reason, from: Object.fromEntries(from) },
      'Fills the streams anew from the outbox',
    );
    const tops = await rebuildStreams({ ...options, from });
    for (const [stream, top] of tops) published.set(stream, top);
    log.info({ service, positions: Object.fromEntries(tops) }, 'Streams are filled');
  }

  /** After a crash or an error: first what has a position already, then what the counters say is the whole of it. */
  async function recover(): Promise<void> {
    const last = await lastPositions(client, service);
    // Nothing is put behind an entry without the mark, so where the newest bears it, those before it do.
    if (!(await everyTop(options, last, ({ isMarked }) => isMarked))) await rebuild('unmarked');
    while (!signal.aborted) {
      const entries = await loadUnpublished(client, service, batchSize);
      if (entries.length === 0) break;
      await append(entries);
    }
    for (const [stream, position] of last) published.set(stream, position);
  }

  return {
    async publish() {
      if (!isCertain) await recover();
      for (let batch = 0; batch < MAX_BATCHES_PER_TURN && !signal.aborted; batch += 1) {
        isCertain = false;
        const entries = await assignPositions(client, service, batchSize);
        if (entries.length > 0) await append(entries);
        isCertain = true;
        if (!isFull(entries, batchSize)) return false;
      }
      return true;
    },
    async verify() {
      const requests = await takeReplayRequests(redis, prefix, service);
      for (const [stream, from] of requests) retained.set(stream, { from, untilMs: performance.now() + REPLAY_RETENTION_MS });
      if (requests.size > 0) await rebuild('replay', requests);
      else if (!(await redis.exists(epochKey(prefix, service)))) await rebuild('flushed');
      else if (!(await everyTop(options, published, (top, position) => top.isMarked && top.position === position)))
        await rebuild('incomplete');
    },
  };
}

function keepFrom(usual: number, replay: Retained | undefined): number {
  return replay && replay.untilMs > performance.now() ? Math.min(usual, replay.from) : usual;
}

/** Whether what `holds` asks of the newest entry and of the given position is true of each of these streams. */
async function everyTop(
  { redis, prefix, seal }: PublisherOptions,
  positions: ReadonlyMap<string, number>,
  holds: (top: StreamTop, position: number) => boolean,
): Promise<boolean> {
  const outcomes = await Promise.all(
    [...positions].map(async ([stream, position]) => holds(await topOf(redis, streamKey(prefix, stream), seal), position)),
  );
  return outcomes.every(Boolean);
}
