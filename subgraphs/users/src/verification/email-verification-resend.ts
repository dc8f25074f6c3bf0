import { LockMode } from '@mikro-orm/core';
import { normalizeEmail } from '@tessera/service-kit/crypto';
import { RateLimited, refuseInvalid, type UseCaseContext } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { emailRule } from '../account/input-rules.ts';
import { UserEntity } from '../account/user.entity.ts';
import type { UsersContext } from '../account/user.loader.ts';
import type { UsersServices } from '../services.ts';
import { EmailCodeEntity } from './email-code.entity.ts';
import { type EmailVerificationResendInput, VerificationMailAccepted } from './email-verify.type.ts';
import { codeExpiry, sendCode } from './send-code.ts';

const rules = z.object({ email: emailRule });

/** Mails a new code for the latest registration of this address. Earlier codes keep working until they expire. */
export async function emailVerificationResend(input: EmailVerificationResendInput, context: UsersContext): Promise<object> {
  const { services, viewer } = context;
  const waitMs = await services.limits.countMailWish(services.emailKeyOf(input.email), viewer.clientAddress);
  if (waitMs !== null) return new RateLimited(waitMs);
  return context.mutate(resend, input);
}

async function resend(input: EmailVerificationResendInput, unit: UseCaseContext<UsersServices>) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const { em, now, services } = unit;
  const user = await em.findOne(
    UserEntity,
    { email: normalizeEmail(input.email), emailVerifiedAt: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  if (user) {
    const latest = await em.findOne(EmailCodeEntity, { userId: user.id }, { orderBy: { createdAt: 'desc', id: 'desc' } });
    await sendCode(user, latest?.passwordHash ?? user.passwordHash, unit, services);
  }
  return new VerificationMailAccepted(codeExpiry(now));
}
