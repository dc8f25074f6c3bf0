import type { EventPayload } from '@tessera/schema/contract';
import { ensure } from '@tessera/service-kit/errors';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../services.ts';
import type { PaymentEntity } from './payment.entity.ts';
import { PaymentEventEntity } from './payment-event.entity.ts';
import { applied, type PaymentEventKind } from './totals.ts';

export interface Happening {
  readonly kind: PaymentEventKind;
  /** Default 0: most events move no money. */
  readonly amountMinor?: bigint;
  readonly attemptId?: string | null;
  readonly refundId?: string | null;
  readonly reason?: string | null;
}

const MAX_REASON = 500;

/** Writes down what happened and brings the totals along. The caller holds the payment's lock. */
export function record(payment: PaymentEntity, happening: Happening, { em, now, actor, traceparent }: Act): void {
  const { kind, amountMinor = 0n, attemptId = null, refundId = null, reason = null } = happening;
  const { capturedMinor, refundingMinor, refundedMinor, returnedMinor, disputedMinor } = applied(payment, { kind, amountMinor });
  payment.capturedMinor = capturedMinor;
  payment.refundingMinor = refundingMinor;
  payment.refundedMinor = refundedMinor;
  payment.returnedMinor = returnedMinor;
  payment.disputedMinor = disputedMinor;
  payment.eventCount += 1;
  payment.updatedAt = now;
  em.persist(
    em.create(PaymentEventEntity, {
      paymentId: payment.id,
      sequence: payment.eventCount,
      kind,
      amountMinor,
      attemptId,
      refundId,
      reason: reason === null ? null : bounded(reason),
      actor,
      traceparent,
      occurredAt: now,
    }),
  );
}

/** Asks a person to look at the payment. The first reason stays until it is gone. */
export function alarm(payment: PaymentEntity, reason: string, act: Act): void {
  record(payment, { kind: 'ATTENTION', reason }, act);
  payment.needsAttention = true;
  payment.attentionReason ??= bounded(reason);
}

/** The same for what may be told again any number of times: a person is asked once per reason, until they have dealt with it. */
export async function alarmOnce(payment: PaymentEntity, reason: string, act: Act): Promise<void> {
  await act.em.flush(); // what was recorded within this transaction counts
  const known = await rawSql(
    act.em,
    `select from payment_events e where payment_id = $1 and kind = 'ATTENTION' and reason = $2 and not exists (
       select from payment_events later where later.payment_id = $1 and later.kind = 'ATTENTION_SETTLED' and later.sequence > e.sequence) limit 1`,
    [payment.id, bounded(reason)],
  );
  if (known.length === 0) alarm(payment, reason, act);
}

/** Reasons come from others too: they fit the column, and are never empty. */
export function bounded(reason: string): string {
  return reason.replaceAll('\0', '').slice(0, MAX_REASON).toWellFormed() || 'UNKNOWN';
}

/** What every event about the payment of an order carries. */
export function factsOf(payment: PaymentEntity, reason: string | null): EventPayload<'PaymentAuthorised'> {
  const { id, customerId, tender, currency, amountMinor } = payment;
  const orderId = ensure(payment.orderId, 'the order of a payment that others are told of');
  return { paymentId: id, orderId, customerId, tender, amount: { currency, minor: amountMinor.toString() }, reason };
}
