import { Redis } from 'ioredis';
import type { MessagingLog } from './names.ts';
import { backoffMs } from './timing.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const COMMAND_TIMEOUT_MS = 5_000;
const RECONNECT_BASE_MS = 50;
const RECONNECT_CAP_MS = 1_000;
/** A blocking read that is silent for this much longer than its own bound has lost its peer. */
const SILENCE_GRACE_MS = 3_000;
/** Redis closes a connection that waits in a blocking read only when the wait is over; we do not wait for it. */
const DISCONNECT_TIMEOUT_MS = 50;

/** A connection for short commands: each answers or fails within a bound, whatever Redis does. */
export function connectRedis(
  url: string,
  name: string,
  log: MessagingLog,
  { commandTimeoutMs = COMMAND_TIMEOUT_MS }: { readonly commandTimeoutMs?: number } = {},
): Redis {
  return withLog(new Redis(url, { ...common(name), maxRetriesPerRequest: 1, commandTimeout: commandTimeoutMs }), name, log);
}

/** A connection for blocking reads of at most `blockMs`: reconnects for ever and repeats the read. */
export function connectBlockingRedis(url: string, name: string, blockMs: number, log: MessagingLog): Redis {
  return withLog(new Redis(url, { ...common(name), maxRetriesPerRequest: null, socketTimeout: blockMs + SILENCE_GRACE_MS }), name, log);
}

function common(name: string) {
  return {
    connectionName: name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    retryStrategy: (attempt: number) => backoffMs(attempt, RECONNECT_BASE_MS, RECONNECT_CAP_MS),
  };
}

/** One line when the connection breaks and one when it is back, not one per attempt. */
function withLog(redis: Redis, name: string, log: MessagingLog): Redis {
  let isDown = false;
  redis.on('error', (error) => {
    if (!isDown) log.warn({ connection: name, reason: error.message }, 'Redis is not reachable, trying again');
    isDown = true;
  });
  redis.on('ready', () => {
    if (isDown) log.info({ connection: name }, 'Redis is back');
    isDown = false;
  });
  return redis;
}
