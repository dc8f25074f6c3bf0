import type { Redis } from 'ioredis';
import { unreachable } from '../errors/index.ts';
import { entryStart, FIELD, isMarked, MARK, type NewEntry, positionOf } from './entry.ts';
import type { Seal } from './seal.ts';

/** The newest entry of a stream. */
export interface StreamTop {
  /** 0 for an empty stream, -1 where an entry is there that no relay has written. */
  readonly position: number;
  readonly isMarked: boolean;
}

/** `flushed`: Redis forgot. `gap`: entries before these are missing. `conflict`: another event has the place, or one of the places. All mean: fill anew. */
export type AppendOutcome = 'appended' | 'flushed' | 'gap' | 'conflict';

/** Arguments of an entry in the script: position of its last event, of its first, how its text begins, text, mark. */
const STRIDE = 5;
const TEMPORARY_TTL_MS = 600_000;

/**
 * One place for each position: what is there already is compared and left, the next one is added, anything else is refused. So a relay may
 * repeat an append whose outcome it does not know, and two relays cannot do harm.
 */
const APPEND = `
  if ARGV[1] == 'live' and redis.call('EXISTS', KEYS[2]) == 0 then return 'flushed' end
  local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  local top = last and tonumber(string.match(last[1], '^(%d+)-0$') or -1) or 0
  if top < 0 then return 'conflict' end
  local isFirst = ARGV[1] == 'temporary' and not last
  for i = 3, #ARGV, ${STRIDE} do
    local id = ARGV[i] .. '-0'
    local position = tonumber(ARGV[i])
    local first = tonumber(ARGV[i + 1])
    if first == top + 1 or isFirst then
      redis.call('XADD', KEYS[1], 'MINID', '~', ARGV[2] .. '-0', id, '${FIELD}', ARGV[i + 3], '${MARK}', ARGV[i + 4])
      top = position
      isFirst = false
    elseif first > top then
      return 'gap'
    elseif position > top then
      return 'conflict'
    else
      local there = redis.call('XRANGE', KEYS[1], id, id)[1]
      if there and string.sub(there[2][2], 1, #ARGV[i + 2]) ~= ARGV[i + 2] then return 'conflict' end
    end
  end
  if ARGV[1] == 'temporary' then redis.call('PEXPIRE', KEYS[1], ${TEMPORARY_TTL_MS}) end
  return 'appended'`;

/** Readers see the old streams or the new ones, whole. A blocked reader wakes up if there is something behind its place. */
const SWAP = `
  for i = 2, #KEYS, 2 do
    if redis.call('EXISTS', KEYS[i]) == 0 then return 'lost' end
  end
  for i = 2, #KEYS, 2 do
    redis.call('RENAME', KEYS[i], KEYS[i + 1])
    redis.call('PERSIST', KEYS[i + 1])
  end
  if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1]) end
  return 'swapped'`;

export interface Append {
  readonly key: string;
  /** Live streams are checked against the epoch; a temporary one begins where its first event is. */
  readonly epochKey: string | null;
  /** Entries before this position may be trimmed. */
  readonly keepFrom: number;
  readonly entries: readonly NewEntry[];
  readonly seal: Seal;
}

/** Appends entries of one stream, in the order of their positions. */
export async function appendToStream(redis: Redis, { key, epochKey, keepFrom, entries, seal }: Append): Promise<AppendOutcome> {
  const answer = await redis.eval(
    APPEND,
    2,
    key,
    epochKey ?? key,
    epochKey === null ? 'temporary' : 'live',
    Math.max(0, keepFrom),
    ...entries.flatMap(({ id, position, size, text }) => [position, position - size + 1, entryStart(id), text, seal.of(text)]),
  );
  const outcome = answer as AppendOutcome; // the script has no other answers
  switch (outcome) {
    case 'appended':
    case 'flushed':
    case 'gap':
    case 'conflict':
      return outcome;
    default:
      return unreachable(outcome);
  }
}

/** Puts rebuilt streams in the place of the old ones, at once; a given epoch declares Redis filled. False when Redis lost them meanwhile. */
export async function swapStreams(
  redis: Redis,
  epochKey: string,
  epoch: string | null,
  streams: readonly { from: string; to: string }[],
): Promise<boolean> {
  const keys = [epochKey, ...streams.flatMap(({ from, to }) => [from, to])];
  return (await redis.eval(SWAP, keys.length, ...keys, epoch ?? '')) === 'swapped';
}

export async function topOf(redis: Redis, key: string, seal: Seal): Promise<StreamTop> {
  const [newest] = await redis.xrevrange(key, '+', '-', 'COUNT', 1);
  return newest ? { position: positionOf(newest[0]), isMarked: isMarked(newest, seal) } : { position: 0, isMarked: true };
}
