import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import type { RevokeReason } from './session.entity.ts';

export interface Revocation {
  readonly userId: string;
  /** One session, or null for all that are open. */
  readonly sessionId: string | null;
  readonly reason: RevokeReason;
}

/** Ends open sessions of one user and tells the others, who close live connections. Answers how many were open. */
export async function revokeSessions({ em, now, publish }: UnitOfWork, { userId, sessionId, reason }: Revocation): Promise<number> {
  const revoked = await rawSql<{ id: string }>(
    em,
    `update sessions set revoked_at = $3, revoke_reason = $4
     where user_id = $1 and ($2::text is null or id = $2) and revoked_at is null and expires_at > $3
     returning id`,
    [userId, sessionId, now, reason],
  );
  for (const { id } of revoked) publish({ type: 'SessionRevoked', aggregateId: userId, payload: { userId, sessionId: id } });
  return revoked.length;
}
