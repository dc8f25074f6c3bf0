import { randomInt } from 'node:crypto';
import { newId } from '@tessera/service-kit/ids';
import type { UnitOfWork } from '@tessera/service-kit/messaging';
import type { UserEntity } from '../account/user.entity.ts';
import { verificationLetter } from '../mail/letters.ts';
import { queueMail, wasMailedEnough } from '../mail/queue-mail.ts';
import type { UsersServices } from '../services.ts';
import { CODE_LIFETIME_MS, CODES, codeFrom, hashCode } from './code.ts';
import { EmailCodeEntity } from './email-code.entity.ts';

/** Mails a new code with the account's transaction; not more often than the hourly bound, and then silently. */
export async function sendCode(user: UserEntity, passwordHash: string, { em, now }: UnitOfWork, services: UsersServices): Promise<void> {
  if (await wasMailedEnough(em, user.id, now)) return;
  const code = codeFrom(randomInt(CODES));
  em.create(EmailCodeEntity, {
    id: newId('emailCode'),
    userId: user.id,
    codeHash: hashCode(user.id, code, services.codeKey),
    passwordHash,
    attempts: 0,
    createdAt: now,
    expiresAt: codeExpiry(now),
    usedAt: null,
  });
  queueMail(em, {
    user,
    kind: 'VERIFICATION',
    letter: verificationLetter(user.displayName, code, services.publicUrl),
    now,
    envelope: services.envelope,
  });
}

export function codeExpiry(now: Date): Date {
  return new Date(now.getTime() + CODE_LIFETIME_MS);
}
