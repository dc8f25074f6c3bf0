import { ensure, unreachable } from '@tessera/service-kit/errors';
import type { ReceivedEvent } from '@tessera/service-kit/messaging';
import { AttemptEntity } from '../attempt/attempt.entity.ts';
import { planCall } from '../call/plan-call.ts';
import type { LockedPayment } from '../payment/lock-payment.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import type { Signal } from '../payment/payment.ts';
import { alarm, alarmOnce } from '../payment/record.ts';
import { settle } from '../payment/settle.ts';
import { returnTopUp } from '../provider/card/captured.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import { failRefund, succeedRefund } from '../refund/ask-refund.ts';
import { RefundEntity } from '../refund/refund.entity.ts';
import { keepReturned } from '../refund/return-refund.ts';
import type { Act } from '../services.ts';
import { LEDGER_SILENT } from './complete-commands.ts';
import { findCommand, findHoldSubject, openCommandsOf } from './find-subject.ts';
import { LedgerCommandEntity } from './ledger-command.entity.ts';
import { markAnswered } from './send-command.ts';

type HoldEvent = ReceivedEvent<'HoldPlaced'> | ReceivedEvent<'HoldPosted'> | ReceivedEvent<'HoldVoided'> | ReceivedEvent<'HoldExpired'>;

const SIGNALS = { HoldPlaced: 'AUTHORISED', HoldPosted: 'CAPTURED', HoldVoided: 'VOIDED', HoldExpired: 'EXPIRED' } as const;

/** What became of a hold. A later fact answers the earlier questions too. */
export async function onHoldFact(event: HoldEvent, act: Act): Promise<void> {
  if (event.type === 'HoldExpired' && (await endLapsedRefund(event.payload.factKey, act))) return;
  const subject = await findHoldSubject(event.payload, act);
  if (!subject) return;
  for (const command of await openCommandsOf(subject.attempt, act)) {
    if (event.type !== 'HoldPlaced' || command.type === 'HoldRequested') markAnswered(command, event.type, act.now);
  }
  await endSilence(subject.payment, act);
  await settle(subject, { kind: SIGNALS[event.type] }, act);
}

/** Money that was set aside for a card, and that nobody posted or voided in time. @returns whether the fact was about that */
async function endLapsedRefund(factKey: string, act: Act): Promise<boolean> {
  const found = await findCommand(factKey, act);
  if (!found?.command.refundId || found.command.type !== 'PostingRequested') return false;
  const { payment } = found.subject;
  const refund = await refundOf(found.command, act);
  if (refund.state === 'PENDING' && !refund.providerRefundId) failRefund(payment, refund, 'HOLD_EXPIRED', act);
  else if (refund.state !== 'FAILED') await alarmOnce(payment, 'REFUND_HOLD_EXPIRED', act);
  return true;
}

/** The ledger did not do what it was asked, for ever: a refusal is remembered under its key. */
export async function onRefusal(
  { type, payload }: ReceivedEvent<'HoldRefused'> | ReceivedEvent<'PostingRefused'>,
  act: Act,
): Promise<void> {
  const found = await findCommand(payload.factKey, act);
  if (!found || found.command.answeredAt) return;
  const { command, subject } = found;
  markAnswered(command, type, act.now);
  await endSilence(subject.payment, act);
  if (isPosting(command.type)) return postingRefused(subject, command, payload.reason, act);
  if (command.attemptId === subject.attempt.id) await settle(subject, refusalOf(command.type, payload.reason), act);
}

/** Of a refund to a wallet it is the end; of one to a card it means that the money is set aside, and the provider can be asked. */
export async function onPostingCompleted({ type, payload }: ReceivedEvent<'PostingCompleted'>, act: Act): Promise<void> {
  const found = await findCommand(payload.factKey, act);
  if (!found || !isPosting(found.command.type) || found.command.answeredAt) return;
  const { command, subject } = found;
  markAnswered(command, type, act.now);
  await endSilence(subject.payment, act);
  if (command.type !== 'PostingRequested' || !command.refundId) return;
  const refund = await refundOf(command, act);
  if (refund.state !== 'PENDING') return;
  const provider = await providerOfRefund(refund, subject, act);
  if (refund.destination === 'WALLET' || !provider) return succeedRefund(subject.payment, refund, act);
  await planCall(act, { provider, kind: 'REFUND', paymentId: subject.payment.id, refundId: refund.id });
}

/** A refund that cannot be booked fails. Anything else is a fact already: books that will not take it need a person. */
async function postingRefused(subject: LockedPayment, command: LedgerCommandEntity, reason: string, act: Act): Promise<void> {
  const { payment, attempt } = subject;
  if (command.type === 'PostingRequested' && command.refundId) {
    const refund = await refundOf(command, act);
    if (refund.state === 'PENDING') return failRefund(payment, refund, reason, act);
    const provider = await providerOfRefund(refund, subject, act);
    if (refund.returnedAt && provider && keepReturned(payment, refund, { command, provider, reason }, act)) return;
    if (!refund.returnedAt) return;
  }
  if (payment.topUpWalletId && command.attemptId === attempt.id && reason === 'ACCOUNT_CLOSED')
    return returnTopUp(subject, command.factKey, act);
  alarm(payment, `LEDGER_REFUSED: ${command.factKey}: ${reason}`, act);
}

type PostingCommand = 'PostingRequested' | 'PostingResolutionRequested';

function isPosting(type: LedgerCommandEntity['type']): type is PostingCommand {
  return type === 'PostingRequested' || type === 'PostingResolutionRequested';
}

/** Why a wallet cannot pay, in words of a payment. */
const HOLD_REASONS: Readonly<Record<string, string>> = { ACCOUNT_NOT_FOUND: 'WALLET_NOT_FOUND', ACCOUNT_CLOSED: 'WALLET_CLOSED' };

/** A hold that is over refuses by telling how it ended. */
const ENDINGS: Readonly<Record<string, Signal>> = { HOLD_EXPIRED: { kind: 'EXPIRED' }, HOLD_VOIDED: { kind: 'VOIDED' } };

function refusalOf(type: Exclude<LedgerCommandEntity['type'], PostingCommand>, reason: string): Signal {
  switch (type) {
    case 'HoldRequested':
      return { kind: 'REFUSED', reason: HOLD_REASONS[reason] ?? reason };
    case 'HoldPostRequested':
      return ENDINGS[reason] ?? { kind: 'CAPTURE_REFUSED', reason };
    case 'HoldVoidRequested':
      return ENDINGS[reason] ?? { kind: 'VOID_REFUSED', reason };
    default:
      return unreachable(type);
  }
}

/** Nobody has to look any more once the ledger has answered everything that it was last asked in vain. */
async function endSilence(payment: PaymentEntity, { em }: Act): Promise<void> {
  if (payment.attentionReason !== LEDGER_SILENT) return;
  const commands = await em.find(LedgerCommandEntity, { paymentId: payment.id });
  if (commands.some(({ answeredAt, dueAt }) => !answeredAt && !dueAt)) return;
  payment.needsAttention = false;
  payment.attentionReason = null;
}

/** Who took the money that goes back. */
async function providerOfRefund({ strayAttemptId }: RefundEntity, { attempt }: LockedPayment, { em }: Act): Promise<ProviderName | null> {
  const taker = strayAttemptId ? await em.findOneOrFail(AttemptEntity, strayAttemptId) : attempt;
  return taker.provider ?? null;
}

async function refundOf({ refundId }: LedgerCommandEntity, { em }: Act): Promise<RefundEntity> {
  return em.findOneOrFail(RefundEntity, ensure(refundId, 'the refund of a posting'));
}
