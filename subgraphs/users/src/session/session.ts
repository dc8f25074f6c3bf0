/** Rules of a session: how long it lives, what a presented refresh token means. Plain data in, decision out. */

export const ACCESS_TOKEN_LIFETIME_MS = 15 * 60_000;
/** From the last refresh. */
const IDLE_LIFETIME_MS = 30 * 86_400_000;
/** From the log-in, however often it is refreshed. */
const SESSION_LIFETIME_MS = 90 * 86_400_000;
/** Two tabs, or a retry after a lost answer: for this long a used token answers with the same successor. */
export const REUSE_GRACE_MS = 10_000;

export interface TokenFacts {
  readonly usedAt: Date | null;
  readonly expiresAt: Date;
  readonly session: { readonly expiresAt: Date; readonly revokedAt: Date | null };
}

/** `rotate`: its first use. `repeat`: again within the grace. `revoke`: again after it, so two parties hold it. `refuse`: it means nothing any more. */
export type RefreshDecision = 'rotate' | 'repeat' | 'revoke' | 'refuse';

export function decideRefresh({ usedAt, expiresAt, session }: TokenFacts, now: Date): RefreshDecision {
  if (session.revokedAt || session.expiresAt <= now) return 'refuse';
  if (usedAt) return now.getTime() - usedAt.getTime() <= REUSE_GRACE_MS ? 'repeat' : 'revoke';
  return expiresAt <= now ? 'refuse' : 'rotate';
}

export function sessionExpiry(now: Date): Date {
  return new Date(now.getTime() + SESSION_LIFETIME_MS);
}

/** A refresh token never outlives its session. */
export function refreshTokenExpiry(now: Date, sessionExpiresAt: Date): Date {
  return new Date(Math.min(now.getTime() + IDLE_LIFETIME_MS, sessionExpiresAt.getTime()));
}
