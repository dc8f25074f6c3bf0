import { bookCapture } from '../provider/card/captured.ts';
import { providerOf } from '../provider/providers.ts';
import { releaseWaitingRefunds } from '../refund/ask-refund.ts';
import type { Act } from '../services.ts';
import type { LockedPayment } from './lock-payment.ts';
import type { PaymentEntity } from './payment.entity.ts';
import { decide, type Move, type Signal, type Wish } from './payment.ts';
import { alarm, bounded, factsOf, record } from './record.ts';
import type { PaymentEventKind } from './totals.ts';

/**
 * Applies what the tender answered or orders wants to a locked payment: state, events, what to ask next. A signal that is late or repeated
 * changes nothing.
 */
export async function settle(subject: LockedPayment, signal: Signal, act: Act): Promise<void> {
  const { payment, attempt } = subject;
  const before = { state: payment.state, wish: payment.wish };
  const move = decide({ ...before, isAsked: attempt.state !== 'INIT' }, signal);
  if (!move) return;

  payment.state = move.state;
  payment.wish = move.wish;
  // What ended for good is not tried otherwise any more, however often the provider tells that the last attempt is closed.
  if (move.state === 'CAPTURED' || move.state === 'VOIDED') payment.nextAttempt = null;
  if (move.reason !== null) payment.failureReason = bounded(move.reason);
  if (move.attempt) setAttempt(subject, move.attempt, act.now);
  const kind = happeningOf(before, move);
  const amountMinor = kind === 'CAPTURED' ? payment.amountMinor : 0n;
  if (kind) record(payment, { kind, amountMinor, attemptId: attempt.id, reason: reasonOf(payment, move) }, act);
  if (move.alarm) alarm(payment, move.alarm, act);
  if (move.tell) await tell(subject, move.tell, reasonOf(payment, move), act);
  if (move.ask) await ask(subject, move.ask, act);
  if (move.state !== before.state) await releaseWaitingRefunds(payment, act);
}

async function ask(subject: LockedPayment, what: 'CAPTURE' | 'VOID', act: Act): Promise<void> {
  const provider = providerOf(subject.payment.tender);
  const asked = what === 'CAPTURE' ? await provider.capture(subject, act) : await provider.void(subject, act);
  if (asked === 'DONE') await settle(subject, { kind: what === 'CAPTURE' ? 'CAPTURED' : 'VOIDED' }, act);
}

/** Money from outside is booked first, and the fraud rules have their say before anybody hears of it. A top-up concerns nobody else. */
async function tell(subject: LockedPayment, type: NonNullable<Move['tell']>, reason: string | null, act: Act): Promise<void> {
  if (type === 'PaymentCaptured' && subject.attempt.provider) return bookCapture(subject, act);
  const { payment } = subject;
  if (payment.orderId) act.publish({ type, aggregateId: payment.id, payload: factsOf(payment, reason) });
}

function setAttempt({ payment, attempt }: LockedPayment, state: NonNullable<Move['attempt']>, now: Date): void {
  attempt.state = state;
  attempt.failureReason = state === 'FAILED' ? bounded(payment.failureReason ?? '') : null;
  attempt.waitsUntil = null;
  attempt.updatedAt = now;
}

function happeningOf(before: Pick<Move, 'state' | 'wish'>, move: Move): PaymentEventKind | null {
  if (move.state === 'REQUIRES_ACTION' && before.state !== 'REQUIRES_ACTION') return 'ACTION_REQUIRED';
  if (move.state !== before.state && move.state !== 'PENDING' && move.state !== 'REQUIRES_ACTION') return move.state;
  const wanted = WANTED[move.wish];
  return wanted === WANTED[before.wish] ? null : wanted;
}

const WANTED: Readonly<Record<Wish, PaymentEventKind | null>> = {
  NONE: null,
  CAPTURE: 'CAPTURE_WANTED',
  CAPTURE_ELSE_VOID: 'VOID_WANTED',
  CAPTURE_REFUSED: null,
  VOID: 'VOID_WANTED',
};

/** A payment that is voided in the end tells why that was wanted. */
function reasonOf({ failureReason }: PaymentEntity, { state, reason }: Move): string | null {
  return state === 'FAILED' || state === 'VOIDED' ? (failureReason ?? null) : reason;
}
