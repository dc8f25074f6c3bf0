import { isConnectionError, sqlState } from '../persistence/index.ts';

/** Serialization failure, deadlock, lock not available, idle transaction ended by the server. */
const TRANSIENT_STATES = new Set(['40001', '40P01', '55P03', '25P03']);
/** Connection exceptions, no resources (connections, disk, memory), operator intervention such as a restart. */
const TRANSIENT_CLASSES = new Set(['08', '53', '57']);
export const STATEMENT_TIMEOUT = '57014';

/**
 * Whether the database, not the work, is the reason: the same work may succeed later, however often it failed. A statement that ran out of
 * time is not counted here, since a slow query is slow again.
 */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  if (state === STATEMENT_TIMEOUT) return false;
  if (state !== undefined && (TRANSIENT_STATES.has(state) || TRANSIENT_CLASSES.has(state.slice(0, 2)))) return true;
  return isConnectionError(error) || (error instanceof Error && /timeout exceeded when trying to connect/.test(error.message));
}
