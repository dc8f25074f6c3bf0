import type { Redis } from 'ioredis';
import { countEvents, parseEntry, type StreamEntry } from './entry.ts';
import type { Lane } from './lane.ts';
import type { MessagingLog } from './names.ts';
import type { Seal } from './seal.ts';
import { backoffMs, pause, unlessAborted } from './timing.ts';

export const BLOCK_MS = 2_000;
/** While a stream is left out because it has enough to do, the others are read in short turns. */
const BUSY_BLOCK_MS = 50;
const BUSY_PAUSE_MS = 10;
/** Entries of a stream that are read at once, and events, about, where entries hold many. */
const READ_COUNT = 100;
const READ_EVENTS = 1_000;
const RETRY_BASE_MS = 50;
const RETRY_CAP_MS = 1_000;

/** Whoever wants the entries of a stream as they come. */
export type Reader = Pick<Lane, 'stream' | 'cursor' | 'push'>;

export interface Reading {
  readonly keyOf: (stream: string) => string;
  readonly seal: Seal;
  readonly log: MessagingLog;
  readonly signal: AbortSignal;
}

/** Feeds all streams over one blocking connection until the signal aborts; Redis may come and go. */
export async function readStreams(redis: Redis, readers: readonly Reader[], { keyOf, seal, log, signal }: Reading): Promise<void> {
  signal.addEventListener('abort', () => redis.disconnect(), { once: true });
  const byKey = new Map(readers.map((reader) => [keyOf(reader.stream), reader]));
  let count = READ_COUNT;
  for (let failures = 0; !signal.aborted; ) {
    try {
      count = countFor(await readOnce(redis, byKey, count, { seal, signal }));
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (failures === 1)
        log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'Streams cannot be read, trying again');
      await pause(backoffMs(failures, RETRY_BASE_MS, RETRY_CAP_MS), signal);
    }
  }
}

/** How many to read next, by what the entries held that were read last. */
function countFor(read: readonly StreamEntry[]): number {
  return Math.max(1, Math.min(READ_COUNT, Math.floor((READ_EVENTS * read.length) / Math.max(1, countEvents(read))) || READ_COUNT));
}

async function readOnce(
  redis: Redis,
  byKey: ReadonlyMap<string, Reader>,
  count: number,
  { seal, signal }: Pick<Reading, 'seal' | 'signal'>,
): Promise<StreamEntry[]> {
  const cursors = new Map<string, number>();
  for (const [key, reader] of byKey) {
    const cursor = reader.cursor();
    if (cursor !== null) cursors.set(key, cursor);
  }
  if (cursors.size === 0) {
    await pause(BUSY_PAUSE_MS, signal);
    return [];
  }
  const blockMs = cursors.size === byKey.size ? BLOCK_MS : BUSY_BLOCK_MS;
  const ids = [...cursors.values()].map((cursor) => `${cursor}-0`);
  const answer = await unlessAborted(signal, redis.xread('COUNT', count, 'BLOCK', blockMs, 'STREAMS', ...cursors.keys(), ...ids));
  const read: StreamEntry[] = [];
  for (const [key, entries] of answer ?? []) {
    const reader = byKey.get(key);
    if (!reader) continue;
    const parsed = entries.map((entry) => parseEntry(reader.stream, entry, seal));
    reader.push(cursors.get(key) ?? 0, parsed);
    read.push(...parsed);
  }
  return read;
}
