import { AttemptEntity } from '../attempt/attempt.entity.ts';
import { type LockedPayment, lockPayment } from '../payment/lock-payment.ts';
import type { Act } from '../services.ts';
import { LedgerCommandEntity } from './ledger-command.entity.ts';

interface HoldFact {
  readonly holdId: string;
  readonly factKey: string;
  readonly paymentId: string | null;
}

/**
 * The payment that an answer about a hold belongs to, locked, when the hold is that of its current attempt; else null: the ledger tells of
 * holds that are not ours too. A hold that lapses by itself has a fact key of the ledger's own, so the hold's id goes first.
 */
export async function findHoldSubject({ holdId, factKey, paymentId }: HoldFact, act: Act): Promise<LockedPayment | null> {
  // Not remembered: whoever holds the payment's lock may be changing the attempt just now, and it is read again under the lock.
  const attempt = await act.em.findOne(AttemptEntity, { holdId }, { fields: ['paymentId'], disableIdentityMap: true });
  const command = attempt ? null : await act.em.findOne(LedgerCommandEntity, { factKey });
  const id = attempt?.paymentId ?? command?.paymentId ?? paymentId;
  const subject = id === null ? null : await lockPayment(act, { id });
  // Money on its way back to a card is held too, and its holds are no attempt's.
  if (subject?.attempt.tender !== 'WALLET') return null;
  const attemptId = attempt?.id ?? command?.attemptId;
  const isCurrent = attemptId ? attemptId === subject.attempt.id : (subject.attempt.holdId ?? holdId) === holdId;
  if (!isCurrent) return null;
  subject.attempt.holdId ??= holdId;
  return subject;
}

/** What the ledger was asked for this attempt and has not answered. */
export async function openCommandsOf({ id, paymentId }: AttemptEntity, { em }: Act): Promise<LedgerCommandEntity[]> {
  return em.find(LedgerCommandEntity, { paymentId, attemptId: id, answeredAt: null });
}

/** The command under this key, with its payment locked; null when it is not ours. */
export async function findCommand(
  factKey: string,
  act: Act,
): Promise<{ readonly command: LedgerCommandEntity; readonly subject: LockedPayment } | null> {
  const command = await act.em.findOne(LedgerCommandEntity, { factKey });
  const subject = command && (await lockPayment(act, { id: command.paymentId }));
  return subject ? { command: await act.em.refreshOrFail(command), subject } : null;
}
