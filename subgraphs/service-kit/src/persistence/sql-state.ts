import { types } from 'node:util';

const SOCKET_CODES = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
/** Shutdown, crash and start of the server, broken connections, and no connection left. */
const SERVER_CODES = ['57P01', '57P02', '57P03', '08006', '08003', '08000', '53300'];
const CONNECTION_CODES = new Set([...SOCKET_CODES, ...SERVER_CODES]);
/** What the driver and its pool say without a code. */
const CONNECTION_MESSAGES =
  /Connection terminated|connection timeout|Connection ended|not queryable|timeout exceeded when trying to connect|^timeout expired$/i;

/** The SQLSTATE (or Node's socket code) of a driver error, however deep the ORM has wrapped it. */
export function sqlState(error: unknown): string | undefined {
  for (let cause = error, depth = 0; types.isNativeError(cause) && depth < 5; cause = cause.cause, depth += 1) {
    const code = (cause as { code?: unknown }).code; // driver errors carry it, Error's type does not
    if (typeof code === 'string') return code;
    const previous = (cause as { previous?: { code?: unknown } }).previous; // MikroORM keeps the driver's error here
    if (typeof previous?.code === 'string') return previous.code;
  }
  return undefined;
}

/** The database could not be reached or went away: the outcome of a running commit is unknown, anything before it did not happen. */
export function isConnectionError(error: unknown): boolean {
  const code = sqlState(error);
  if (code && CONNECTION_CODES.has(code)) return true;
  return types.isNativeError(error) && CONNECTION_MESSAGES.test(error.message);
}
