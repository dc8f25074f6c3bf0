import { LockMode } from '@mikro-orm/core';
import { hmac, sha256 } from '@tessera/service-kit/crypto';
import { unreachable } from '@tessera/service-kit/errors';
import { refuseInvalid, type UseCaseContext } from '@tessera/service-kit/graphql';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { z } from 'zod';
import { UserEntity } from '../account/user.entity.ts';
import type { UsersContext } from '../account/user.loader.ts';
import type { UsersServices } from '../services.ts';
import { issueAccessToken } from './access-token.ts';
import { revokeSessions } from './revoke-sessions.ts';
import { RefreshTokenEntity, SessionEntity } from './session.entity.ts';
import { decideRefresh, refreshTokenExpiry } from './session.ts';
import { RefreshTokenInvalid, SessionRefreshed, type SessionRefreshInput, UserSuspended } from './session.type.ts';

const rules = z.object({ refreshToken: z.string().max(256).nullish() });

type Rotated = Parameters<typeof issueAccessToken>[0] & { readonly refreshToken: string };

/**
 * Exchanges a refresh token for its successor, which is a function of it: a retry within the grace gets the same one. A use after that
 * means that two parties hold the token, so the whole session ends.
 */
export async function sessionRefresh(input: SessionRefreshInput, context: UsersContext): Promise<object> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  if (!input.refreshToken) return new RefreshTokenInvalid();
  const rotated = await context.repeat(refresh, input.refreshToken);
  if (!('refreshToken' in rotated)) return rotated;
  return new SessionRefreshed(rotated.userId, await issueAccessToken(rotated, context.services.keys, context.now), rotated.refreshToken);
}

async function refresh(presented: string, unit: UseCaseContext<UsersServices>): Promise<Rotated | RefreshTokenInvalid | UserSuspended> {
  const { em, now, services } = unit;
  const known = await findLocked(em, sha256(presented, 'base64url'));
  if (!known) return new RefreshTokenInvalid();
  const { token, session } = known;
  const user = await em.findOneOrFail(UserEntity, { id: session.userId });
  const decision = decideRefresh(
    {
      usedAt: token.usedAt ?? null,
      expiresAt: token.expiresAt,
      session: { expiresAt: session.expiresAt, revokedAt: session.revokedAt ?? null },
    },
    now,
  );
  if (decision === 'refuse') return new RefreshTokenInvalid();
  if (decision === 'revoke') {
    await revokeSessions(unit, { userId: user.id, sessionId: session.id, reason: 'TOKEN_REUSED' });
    return new RefreshTokenInvalid();
  }
  if (user.suspendedAt) return new UserSuspended();

  const refreshToken = hmac(services.refreshKey, presented, 'base64url');
  if (decision === 'rotate') await rotate(em, token, session, refreshToken, now);
  else if (decision !== 'repeat') unreachable(decision);
  return { userId: user.id, sessionId: session.id, roles: user.roles, refreshToken };
}

/** The session's row is the lock of its family: refreshes of one session come one after the other. */
async function findLocked(em: EntityManager, tokenHash: string) {
  const found = await em.findOne(RefreshTokenEntity, { tokenHash });
  if (!found) return null;
  const session = await em.findOneOrFail(SessionEntity, { id: found.sessionId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  const token = await em.refreshOrFail(found); // as the one before us left it
  return { token, session };
}

async function rotate(em: EntityManager, token: RefreshTokenEntity, session: SessionEntity, successor: string, now: Date): Promise<void> {
  session.lastUsedAt = now;
  token.usedAt = now;
  await em.flush(); // a family has at most one unused token
  await rawSql(em, 'insert into refresh_tokens (token_hash, session_id, issued_at, expires_at) values ($1, $2, $3, $4)', [
    sha256(successor, 'base64url'),
    session.id,
    now,
    refreshTokenExpiry(now, session.expiresAt),
  ]);
}
