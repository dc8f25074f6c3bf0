import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { ClientBase } from 'pg';
import { epochKey, type MessagingLog, streamKey } from './names.ts';
import { lastPositions, loadFrom, windowStart } from './outbox-log.ts';
import type { Seal } from './seal.ts';
import { appendToStream, swapStreams } from './stream.ts';

/** The longest stream that a replay makes: about 1 KB of Redis memory per event. */
const MAX_REPLAY_EVENTS = 500_000;

export interface Rebuild {
  readonly client: ClientBase;
  readonly redis: Redis;
  readonly service: string;
  readonly prefix: string;
  readonly seal: Seal;
  readonly batchSize: number;
  readonly maxStreamLength: number;
  readonly epochWindowMs: number;
  readonly log: MessagingLog;
  readonly signal: AbortSignal;
  /** Streams that somebody wants back from this position on. */
  readonly from: ReadonlyMap<string, number>;
}

/**
 * Writes all streams of the service anew beside the old ones and swaps them in one step, so that no reader sees half a stream: positions
 * are the same as before. Answers the newest position of each. The caller's own rows without a position are not part of it.
 */
export async function rebuildStreams(options: Rebuild): Promise<Map<string, number>> {
  const { client, redis, service, prefix } = options;
  const nonce = randomUUID();
  const tops = await lastPositions(client, service);
  const swaps = [...tops.keys()].map((stream) => ({ from: temporaryKey(prefix, stream, nonce), to: streamKey(prefix, stream) }));
  try {
    for (const [stream, last] of tops)
      await fill(options, stream, temporaryKey(prefix, stream, nonce), await startOf(options, stream, last));
    if (!(await swapStreams(redis, epochKey(prefix, service), nonce, swaps))) throw lostAgain();
  } catch (error) {
    // The next try makes others: where memory was short, these would take what is left of it. Not waited for, Redis may be away.
    if (swaps.length > 0) redis.unlink(swaps.map((swap) => swap.from)).catch(() => undefined);
    throw error;
  }
  await markAll(client, service, tops);
  return tops;
}

function temporaryKey(prefix: string, stream: string, nonce: string): string {
  return `${streamKey(prefix, stream)}:rebuild:${nonce}`;
}

async function startOf({ client, epochWindowMs, maxStreamLength, from, log }: Rebuild, stream: string, last: number): Promise<number> {
  const usual = await windowStart(client, stream, epochWindowMs, maxStreamLength);
  const wanted = Math.max(1, Math.min(usual, from.get(stream) ?? usual));
  const start = Math.max(wanted, last - MAX_REPLAY_EVENTS + 1);
  if (start > wanted)
    log.error({ stream, wanted, start }, 'A replay is longer than a stream may be; what is older must be read from the outbox itself');
  return start;
}

async function fill({ client, redis, seal, batchSize, signal }: Rebuild, stream: string, key: string, start: number): Promise<void> {
  for (let position = start; ; ) {
    signal.throwIfAborted();
    const entries = await loadFrom(client, stream, position, batchSize);
    if (entries.length === 0) return;
    const outcome = await appendToStream(redis, { key, epochKey: null, keepFrom: 0, entries, seal });
    if (outcome !== 'appended') throw lostAgain();
    position = (entries.at(-1)?.position ?? position) + 1;
  }
}

/** Redis was flushed while it was being filled: the relay's next turn begins again. */
function lostAgain(): Error {
  return new Error('Redis lost the streams while they were being filled');
}

async function markAll(client: ClientBase, service: string, tops: ReadonlyMap<string, number>): Promise<void> {
  await client.query(
    `update outbox o set published_at = clock_timestamp()
     from unnest($2::text[], $3::bigint[]) as t (stream, position)
     where o.stream = t.stream and o.position <= t.position and o.published_at is null and o.source = $1`,
    [service, [...tops.keys()], [...tops.values()]],
  );
}
