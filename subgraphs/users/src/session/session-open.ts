import { LockMode } from '@mikro-orm/core';
import { normalizeEmail, randomToken, sha256 } from '@tessera/service-kit/crypto';
import { RateLimited, refuseInvalid, type UseCaseContext } from '@tessera/service-kit/graphql';
import { newId } from '@tessera/service-kit/ids';
import { z } from 'zod';
import { emailRule, passwordRule } from '../account/input-rules.ts';
import { UserEntity } from '../account/user.entity.ts';
import type { UsersContext } from '../account/user.loader.ts';
import type { UsersServices } from '../services.ts';
import { issueAccessToken } from './access-token.ts';
import { RefreshTokenEntity, SessionEntity } from './session.entity.ts';
import { refreshTokenExpiry, sessionExpiry } from './session.ts';
import { CredentialsInvalid, EmailNotVerified, SessionOpened, type SessionOpenInput, UserSuspended } from './session.type.ts';

const rules = z.object({ email: emailRule, password: passwordRule });
const BUSY_WAIT_MS = 1_000;

type Checked = { readonly userId: string; readonly passwordHash: string };
type Opened = Parameters<typeof issueAccessToken>[0] & { readonly refreshToken: string };

/**
 * Logs in. Work, time and answer are the same for an address without an account. Failures are counted, and looked at when it is a call's
 * turn to hash, so that parallel guesses cannot all slip through before the first is counted. Repeatable: each call opens a session.
 */
export async function sessionOpen(input: SessionOpenInput, context: UsersContext): Promise<object> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const checked = await checkCredentials(input, context);
  if (!('userId' in checked)) return checked;
  const opened = await context.repeat(openSession, checked);
  if (!('refreshToken' in opened)) return opened;
  return new SessionOpened(opened.userId, await issueAccessToken(opened, context.services.keys, context.now), opened.refreshToken);
}

async function checkCredentials(
  { email, password }: SessionOpenInput,
  { em, viewer, services }: UsersContext,
): Promise<Checked | RateLimited | CredentialsInvalid> {
  const { limits, passwords, emailKeyOf } = services;
  const attempt = { emailKey: emailKeyOf(email), clientAddress: viewer.clientAddress };
  const verdict = await passwords.inTurn(async (isRight) => {
    const waitMs = await limits.loginWait(attempt);
    if (waitMs !== null) return new RateLimited(waitMs);
    const user = await em.findOne(UserEntity, { email: normalizeEmail(email) });
    if (await isRight(user?.passwordHash ?? null, password)) return user;
    const uncountedMs = await limits.countLoginFailure(attempt);
    return uncountedMs === null ? new CredentialsInvalid() : new RateLimited(uncountedMs);
  });
  if (verdict === 'busy') return new RateLimited(BUSY_WAIT_MS);
  if (verdict instanceof UserEntity) return { userId: verdict.id, passwordHash: verdict.passwordHash };
  return verdict ?? new CredentialsInvalid();
}

async function openSession(
  { userId, passwordHash }: Checked,
  { em, now, viewer }: UseCaseContext<UsersServices>,
): Promise<Opened | CredentialsInvalid | EmailNotVerified | UserSuspended> {
  const user = await em.findOne(UserEntity, { id: userId, passwordHash }, { lockMode: LockMode.PESSIMISTIC_READ });
  if (!user) return new CredentialsInvalid();
  if (user.suspendedAt) return new UserSuspended();
  if (!user.emailVerifiedAt) return new EmailNotVerified();

  const sessionId = newId('session');
  const refreshToken = randomToken();
  const expiresAt = sessionExpiry(now);
  em.create(SessionEntity, {
    id: sessionId,
    userId,
    openedFrom: viewer.clientAddress,
    createdAt: now,
    lastUsedAt: now,
    expiresAt,
    revokedAt: null,
    revokeReason: null,
  });
  await em.flush(); // the token refers to it
  em.create(RefreshTokenEntity, {
    tokenHash: sha256(refreshToken, 'base64url'),
    sessionId,
    issuedAt: now,
    expiresAt: refreshTokenExpiry(now, expiresAt),
    usedAt: null,
  });
  return { userId, sessionId, roles: user.roles, refreshToken };
}
