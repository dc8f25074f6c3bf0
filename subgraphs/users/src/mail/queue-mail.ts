import type { Envelope } from '@tessera/service-kit/crypto';
import { newId } from '@tessera/service-kit/ids';
import type { EntityManager } from '@tessera/service-kit/persistence';
import type { UserEntity } from '../account/user.entity.ts';
import { MAX_MAILS_PER_HOUR } from '../verification/code.ts';
import type { Letter } from './letters.ts';
import { MailEntity } from './mail.entity.ts';
import type { MailKind } from './mail.ts';

const HOUR_MS = 3_600_000;

export interface QueuedMail {
  readonly user: UserEntity;
  readonly kind: MailKind;
  readonly letter: Letter;
  readonly now: Date;
  readonly envelope: Envelope;
}

/** Stores a letter in the caller's transaction; the worker sends it once that has committed. */
export function queueMail(em: EntityManager, { user, kind, letter, now, envelope }: QueuedMail): void {
  const id = newId('mail');
  em.create(MailEntity, {
    id,
    userId: user.id,
    kind,
    toAddress: user.email,
    content: envelope.seal(JSON.stringify(letter), sealContext(id)),
    createdAt: now,
    attempts: 0,
    nextAttemptAt: now,
    sentAt: null,
    failedAt: null,
    lastError: null,
  });
}

/** Whether this account got its mails of the hour, so that nobody can flood a mailbox with ours. */
export async function wasMailedEnough(em: EntityManager, userId: string, now: Date): Promise<boolean> {
  const recent = await em.count(MailEntity, { userId, createdAt: { $gt: new Date(now.getTime() - HOUR_MS) } });
  return recent >= MAX_MAILS_PER_HOUR;
}

export function openLetter({ id, content }: { readonly id: string; readonly content: string }, envelope: Envelope): Letter {
  return JSON.parse(envelope.open(content, sealContext(id))) as Letter; // sealed by queueMail, so it is what that wrote
}

function sealContext(mailId: string): string {
  return `users/mails/${mailId}/content`;
}
