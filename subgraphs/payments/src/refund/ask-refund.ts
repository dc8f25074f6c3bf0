import type { PaymentEntity } from '../payment/payment.entity.ts';
import { alarm, bounded, factsOf, type Happening, record } from '../payment/record.ts';
import type { PaymentEventKind } from '../payment/totals.ts';
import { refundProviderOf } from '../provider/providers.ts';
import type { Act } from '../services.ts';
import { RefundEntity } from './refund.entity.ts';
import { decideRefund, MAX_REFUNDS, type RefundDestination } from './refund.ts';

/** Why a payment needs attention of which money that came for an attempt that was over could not go back by itself. */
const STRAY_REFUND_FAILED = 'STRAY_REFUND_FAILED';

export interface NewRefund {
  readonly id: string;
  readonly amountMinor: bigint;
  readonly destination: RefundDestination;
  readonly reason: string;
}

/** A refund that was decided, not asked for yet. The caller holds the payment's lock. */
export function addRefund(
  payment: PaymentEntity,
  { id, amountMinor, destination, reason }: NewRefund,
  { em, now, actor }: Act,
): RefundEntity {
  const refund = em.create(RefundEntity, {
    id,
    paymentId: payment.id,
    amountMinor,
    destination,
    walletId: null,
    providerRefundId: null,
    reason: bounded(reason),
    state: 'PENDING',
    failureReason: null,
    split: [],
    requestedBy: actor,
    createdAt: now,
    askedAt: null,
    settledAt: null,
    returnedAt: null,
    strayAttemptId: null,
  });
  em.persist(refund);
  return refund;
}

/** Asks for the money to go back. From here it counts as spent, whatever the answer will be. */
export async function askRefund(payment: PaymentEntity, refund: RefundEntity, act: Act): Promise<void> {
  const answer = await refundProviderOf(payment, refund).refund(payment, refund, act);
  if (answer.kind === 'REFUSED') return failRefund(payment, refund, answer.reason, act);
  refund.askedAt = act.now;
  recordRefund(payment, refund, 'REFUND_ASKED', { reason: refund.reason }, act);
}

export function succeedRefund(payment: PaymentEntity, refund: RefundEntity, act: Act): void {
  refund.state = 'SUCCEEDED';
  refund.settledAt = act.now;
  recordRefund(payment, refund, 'REFUND_SUCCEEDED', {}, act);
  tellRefund(refund.strayAttemptId ? 'StrayRefunded' : 'RefundSucceeded', payment, refund, refund.reason, act);
}

/** What was asked for and did not go back may be asked for again, by a new refund. */
export function failRefund(payment: PaymentEntity, refund: RefundEntity, reason: string, act: Act): void {
  refund.state = 'FAILED';
  refund.failureReason = bounded(reason);
  refund.settledAt = act.now;
  const amountMinor = refund.askedAt ? refund.amountMinor : 0n;
  recordRefund(payment, refund, 'REFUND_FAILED', { amountMinor, reason }, act);
  // Nobody asked for it who could ask again.
  if (refund.strayAttemptId) alarm(payment, STRAY_REFUND_FAILED, act);
  else tellRefund('RefundFailed', payment, refund, refund.failureReason, act);
}

/** Refunds that came before their capture: once it is known how that ended, they are asked for or fail. */
export async function releaseWaitingRefunds(payment: PaymentEntity, act: Act): Promise<void> {
  if (payment.state === 'PENDING' || payment.state === 'REQUIRES_ACTION' || payment.state === 'AUTHORISED') return;
  const where = { paymentId: payment.id, state: 'PENDING', askedAt: null } as const;
  const waiting = await act.em.find(RefundEntity, where, { orderBy: { createdAt: 'asc', id: 'asc' }, limit: MAX_REFUNDS });
  for (const refund of waiting) {
    const decision = decideRefund(payment, { currency: payment.currency, minor: refund.amountMinor }, { count: 0, waitingMinor: 0n });
    if (decision.outcome === 'REFUND') await askRefund(payment, refund, act);
    else failRefund(payment, refund, `PAYMENT_${payment.state}`, act);
  }
}

/** In the payment's events, under a name of its own where it gives back what the payment never captured. */
export function recordRefund(
  payment: PaymentEntity,
  { id: refundId, amountMinor, strayAttemptId: attemptId }: RefundEntity,
  kind: Extract<PaymentEventKind, `REFUND_${string}`>,
  more: Pick<Happening, 'amountMinor' | 'reason'>,
  act: Act,
): void {
  const own = { amountMinor, refundId, ...more };
  record(payment, attemptId && kind !== 'REFUND_WAITING' ? { ...own, kind: `STRAY_${kind}`, attemptId } : { ...own, kind }, act);
}

type RefundFact = 'RefundSucceeded' | 'RefundFailed' | 'RefundReturned' | 'StrayRefunded';

export function tellRefund(type: RefundFact, payment: PaymentEntity, refund: RefundEntity, reason: string, act: Act): void {
  if (!payment.orderId) return; // a top-up concerns nobody else
  const refunded = { currency: payment.currency, minor: refund.amountMinor.toString() };
  act.publish({ type, aggregateId: payment.id, payload: { ...factsOf(payment, reason), refundId: refund.id, refunded } });
}
