import { LockMode } from '@mikro-orm/core';
import type { Envelope } from '@tessera/service-kit/crypto';
import { ensure } from '@tessera/service-kit/errors';
import type { Log } from '@tessera/service-kit/graphql';
import type { Worker } from '@tessera/service-kit/subgraph';
import { MailEntity } from './mail.entity.ts';
import { nextAttemptAt } from './mail.ts';
import type { SendLetter } from './mailer.ts';
import { openLetter } from './queue-mail.ts';

const POLL_MS = 250;
const MAX_ERROR_LENGTH = 300;

export interface SendMailsParts {
  readonly send: SendLetter;
  readonly envelope: Envelope;
  readonly log: Log;
}

/**
 * Sends one due letter per round. Its row stays locked until the round commits, so no other process sends it too; a crash between the
 * server's yes and the commit sends it a second time, with the same Message-ID.
 */
export function sendMails({ send, envelope, log }: SendMailsParts): Worker {
  return {
    name: 'send-mails',
    intervalMs: POLL_MS,
    run: async ({ em, now }) => {
      const mail = await em.findOne(
        MailEntity,
        { nextAttemptAt: { $lte: now } },
        { orderBy: { nextAttemptAt: 'asc' }, lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE },
      );
      if (!mail) return false;
      mail.attempts += 1;
      try {
        await send(
          mail.id,
          mail.toAddress,
          openLetter({ id: mail.id, content: ensure(mail.content, 'content of a due letter') }, envelope),
        );
        Object.assign(mail, { sentAt: now, nextAttemptAt: null, content: null, lastError: null });
      } catch (error) {
        postpone(mail, error, now);
        log.warn(
          { code: errorCode(error), mailId: mail.id, attempts: mail.attempts, isGivenUp: Boolean(mail.failedAt) },
          'a letter could not be sent',
        );
      }
      return true;
    },
  };
}

/** Not the message: mail servers repeat the address in it. */
function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}

function postpone(mail: MailEntity, error: unknown, now: Date): void {
  mail.lastError = String(error instanceof Error ? error.message : error).slice(0, MAX_ERROR_LENGTH);
  mail.nextAttemptAt = nextAttemptAt(mail.attempts, now);
  if (mail.nextAttemptAt) return;
  mail.failedAt = now;
  mail.content = null;
}
