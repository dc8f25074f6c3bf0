import { randomToken } from '@tessera/service-kit/crypto';
import { connectRedis, type MessagingLog } from '@tessera/service-kit/messaging';

/** Longer than any transaction of the ledger may take. */
const BARRIER_MS = 30_000;
const ANSWER_MS = 250;
/** The first call also has to connect. */
const FIRST_ANSWER_MS = 1_000;
const TOKEN_BYTES = 12;

/** What a wallet's key in Redis holds is one of: a value, a place that one reader keeps for the value, a barrier of a transaction. */
const VALUE = 'v';
const PLACE = 'p';
const BARRIER = 'b';

/** Answers what is there; keeps a place where there is nothing. */
const LOOK = `
  local found = {}
  for at, key in ipairs(KEYS) do
    local value = redis.call('GET', key)
    if not value then redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
    found[at] = value or ''
  end
  return found`;
/** A value lives no longer than the place that was kept for it: it is gone a lifetime after its reader began, however slow the reader was. */
const FILL = `
  for at, key in ipairs(KEYS) do
    if redis.call('GET', key) == ARGV[1] then redis.call('SET', key, ARGV[at + 1], 'KEEPTTL') end
  end`;
const RAISE = `for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end return 1`;
/** Everything but the barrier of somebody else: where Redis lost ours meanwhile, a reader may have put there what was true before. */
const LOWER = `
  for _, key in ipairs(KEYS) do
    local value = redis.call('GET', key)
    if value and (value == ARGV[1] or string.sub(value, 1, 1) ~= '${BARRIER}') then redis.call('DEL', key) end
  end`;

export interface Looked {
  /** By wallet id. */
  readonly values: ReadonlyMap<string, string>;
  /** Fills the places that were kept; what somebody else has put there meanwhile stays. */
  readonly fill: (values: ReadonlyMap<string, string>) => Promise<void>;
}

export interface HintStore {
  look(ids: readonly string[]): Promise<Looked>;
  /** Nobody finds or fills a value there until the barrier is lowered, or half a minute has passed. */
  raise(ids: readonly string[]): Promise<() => Promise<void>>;
  close(): void;
}

/** Connects with the first call. Every call fails within a bound when Redis does not answer. A call that is carried out late, after its bound, does no harm. */
export function createHintStore(redisUrl: string, prefix: string, lifetimeMs: number, log: MessagingLog): HintStore {
  let redis: ReturnType<typeof connectRedis> | undefined;
  const connected = () => {
    redis ??= connectRedis(redisUrl, 'tessera-ledger-hints', log);
    return redis;
  };
  let answerMs = FIRST_ANSWER_MS;
  const keysOf = (ids: readonly string[]) => ids.map((id) => `${prefix}ledger:balance:${id}`);
  const run = (script: string, ids: readonly string[], ...values: readonly (string | number)[]) =>
    inTime(connected().eval(script, ids.length, ...keysOf(ids), ...values), answerMs).finally(() => {
      answerMs = ANSWER_MS;
    });
  return {
    look: async (ids) => {
      const place = PLACE + randomToken(TOKEN_BYTES);
      const found = (await run(LOOK, ids, place, lifetimeMs)) as string[]; // one for each key
      const values = new Map<string, string>();
      for (const [at, id] of ids.entries()) if (found[at]?.startsWith(VALUE)) values.set(id, found[at].slice(VALUE.length));
      return {
        values,
        fill: async (filled) => {
          if (filled.size > 0) await run(FILL, [...filled.keys()], place, ...[...filled.values()].map((value) => VALUE + value));
        },
      };
    },
    raise: async (ids) => {
      const barrier = BARRIER + randomToken(TOKEN_BYTES);
      await run(RAISE, ids, barrier, BARRIER_MS);
      return async () => {
        await run(LOWER, ids, barrier);
      };
    },
    close: () => redis?.disconnect(),
  };
}

/** A timer that fires may say that this process was busy: what has arrived by then is heard first. */
async function inTime<T>(answer: Promise<T>, boundMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => setImmediate(() => reject(new Error('Redis did not answer in time'))), boundMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
