import type { Log } from '@tessera/service-kit/graphql';
import { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

const LOGIN_WINDOW_SECONDS = 600;
const REGISTER_WINDOW_SECONDS = 3_600;
const MAILS_PER_ADDRESS = 5;
const REDIS_TIMEOUT_MS = 1_000;
/** What a caller is told while the counters cannot be read. */
const CLOSED_WAIT_MS = 5_000;

export interface LoginAttempt {
  /** A keyed hash of the e-mail address: the same work for accounts that do not exist. */
  readonly emailKey: string;
  readonly clientAddress: string | null;
}

/**
 * Counters in Redis. They fail closed: while Redis is away every answer is a wait, because without counters passwords and codes can be
 * guessed. Each method answers how long to wait in ms, or null when the caller may go on.
 */
export interface Limits {
  /** Whether this account or address has failed too often. Counts nothing. */
  loginWait(attempt: LoginAttempt): Promise<number | null>;
  /** Counts a failure; the wait is only given when it could not be counted. */
  countLoginFailure(attempt: LoginAttempt): Promise<number | null>;
  /** The same for codes. Counters of their own per account: a stranger who guesses codes keeps nobody from logging in. */
  codeWait(attempt: LoginAttempt): Promise<number | null>;
  countCodeFailure(attempt: LoginAttempt): Promise<number | null>;
  countRegistration(clientAddress: string | null): Promise<number | null>;
  countMailWish(emailKey: string, clientAddress: string | null): Promise<number | null>;
  close(): Promise<void>;
}

export interface LimitsOptions {
  readonly redisUrl: string;
  readonly redisKeyPrefix?: string | undefined;
  readonly loginLimitPerAccount: number;
  readonly loginLimitPerAddress: number;
  readonly registerLimitPerAddress: number;
  readonly log: Log;
}

/** Connects at the first use. */
export function createLimits(options: LimitsOptions): Limits {
  const { redisUrl, redisKeyPrefix = '', log } = options;
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectionName: 'users-limits',
    connectTimeout: REDIS_TIMEOUT_MS,
    commandTimeout: REDIS_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
  });
  redis.on('error', () => undefined); // what it means for callers is logged below
  const counter = (name: string, points: number, duration: number) =>
    new RateLimiterRedis({ storeClient: redis, keyPrefix: `${redisKeyPrefix}users-limit:${name}`, points, duration });
  const accounts = counter('login-account', options.loginLimitPerAccount, LOGIN_WINDOW_SECONDS);
  const codes = counter('code-account', options.loginLimitPerAccount, LOGIN_WINDOW_SECONDS);
  const addresses = counter('login-address', options.loginLimitPerAddress, LOGIN_WINDOW_SECONDS);
  const registrations = counter('register-address', options.registerLimitPerAddress, REGISTER_WINDOW_SECONDS);
  const mails = counter('mail-account', MAILS_PER_ADDRESS, REGISTER_WINDOW_SECONDS);

  let isClosed = false;
  const failClosed = async (work: () => Promise<number | null>): Promise<number | null> => {
    try {
      const waitMs = await work();
      if (isClosed) log.info({}, 'limits are counted again');
      isClosed = false;
      return waitMs;
    } catch (error) {
      if (error instanceof RateLimiterRes) return error.msBeforeNext;
      if (!isClosed)
        log.error({ reason: error instanceof Error ? error.message : String(error) }, 'limits cannot be counted, so they refuse');
      isClosed = true;
      return CLOSED_WAIT_MS;
    }
  };
  const count = (counters: readonly (readonly [RateLimiterRedis, string])[]) =>
    failClosed(async () => {
      for (const [limiter, key] of counters) await limiter.consume(key);
      return null;
    });
  const waitOf =
    (perAccount: RateLimiterRedis) =>
    ({ emailKey, clientAddress }: LoginAttempt) =>
      failClosed(async () => {
        const states = await Promise.all([spent(perAccount, emailKey), spent(addresses, addressKey(clientAddress))]);
        const waits = states.filter((wait) => wait !== null);
        return waits.length > 0 ? Math.max(...waits) : null;
      });
  const countFailure =
    (perAccount: RateLimiterRedis) =>
    ({ emailKey, clientAddress }: LoginAttempt) =>
      failClosed(async () => {
        await Promise.all([perAccount.penalty(emailKey), addresses.penalty(addressKey(clientAddress))]);
        return null;
      });

  return {
    loginWait: waitOf(accounts),
    countLoginFailure: countFailure(accounts),
    codeWait: waitOf(codes),
    countCodeFailure: countFailure(codes),
    countRegistration: (clientAddress) => count([[registrations, addressKey(clientAddress)]]),
    countMailWish: (emailKey, clientAddress) =>
      count([
        [registrations, addressKey(clientAddress)],
        [mails, emailKey],
      ]),
    close: async () => redis.disconnect(),
  };
}

async function spent(limiter: RateLimiterRedis, key: string): Promise<number | null> {
  const state = await limiter.get(key);
  return state && state.consumedPoints >= limiter.points ? state.msBeforeNext : null;
}

function addressKey(clientAddress: string | null): string {
  return clientAddress ?? 'unknown';
}
