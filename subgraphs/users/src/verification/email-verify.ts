import { LockMode } from '@mikro-orm/core';
import { normalizeEmail } from '@tessera/service-kit/crypto';
import { RateLimited, refuseInvalid, type UseCaseContext } from '@tessera/service-kit/graphql';
import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { z } from 'zod';
import { emailRule } from '../account/input-rules.ts';
import { UserEntity } from '../account/user.entity.ts';
import type { UsersContext } from '../account/user.loader.ts';
import type { UsersServices } from '../services.ts';
import { CODE_PATTERN, hashCode, isAlive, matchingCode } from './code.ts';
import { EmailCodeEntity } from './email-code.entity.ts';
import { CodeInvalid, EmailVerified, type EmailVerifyInput } from './email-verify.type.ts';

const rules = z.object({ email: emailRule, code: z.string().regex(CODE_PATTERN, 'A code is six digits.') });

/** Proves an address by the code that was mailed to it. A wrong code counts against the client's address and every living code. */
export async function emailVerify(input: EmailVerifyInput, context: UsersContext): Promise<object> {
  const { services, viewer } = context;
  const attempt = { emailKey: services.emailKeyOf(input.email), clientAddress: viewer.clientAddress };
  const waitMs = await services.limits.codeWait(attempt);
  if (waitMs !== null) return new RateLimited(waitMs);
  const outcome = await context.mutate(verify, input);
  if ('code' in outcome && outcome.code === 'CODE_INVALID') await services.limits.countCodeFailure(attempt);
  return outcome;
}

async function verify(input: EmailVerifyInput, unit: UseCaseContext<UsersServices>) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const { em, now, services } = unit;
  const user = await em.findOne(UserEntity, { email: normalizeEmail(input.email) }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!user || user.emailVerifiedAt) return new CodeInvalid();

  const codes = (await em.find(EmailCodeEntity, { userId: user.id, usedAt: null, expiresAt: { $gt: now } })).filter((code) =>
    isAlive(code, now),
  );
  const match = matchingCode(codes, hashCode(user.id, input.code, services.codeKey), now);
  if (!match) {
    for (const code of codes) code.attempts += 1;
    return new CodeInvalid();
  }
  match.usedAt = now;
  user.passwordHash = match.passwordHash;
  markVerified(user, unit);
  return new EmailVerified(user.id);
}

export function markVerified(user: UserEntity, { now, publish }: UnitOfWork): void {
  user.emailVerifiedAt = now;
  user.updatedAt = now;
  publish({ type: 'EmailVerified', aggregateId: user.id, payload: { userId: user.id } });
}
