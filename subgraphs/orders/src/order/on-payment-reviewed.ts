import { InvariantViolation } from '@tessera/service-kit/errors';
import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { type Act, actOfEvent } from '../cause.ts';
import { settle } from '../saga/payment-commands.ts';
import { finishStep, flagStep, overturnStep } from '../saga/steps.ts';
import type { ActServices } from '../services.ts';
import { hasRevealedUnits } from '../unit/grant-units.ts';
import { cancelOrder, refundLate } from './close-order.ts';
import { recordHistory } from './history.ts';
import type { OrderEntity, OrderLineEntity } from './order.entity.ts';
import { loadLines, lockPaidOrder } from './order.load.ts';
import { decideCancel, decideRejected, decideUnderReview, settlementOf } from './order.ts';
import { orderPayload } from './order-event.ts';
import { checkedAmount, recordTaken } from './payment-facts.ts';

/** Shown to the customer, who is not told which rule it was. */
const NOT_ACCEPTED = 'the payment could not be accepted';

/**
 * Taken at the provider, but somebody decides whether it may stay: the order waits until then. Where it ends first, by its customer or by
 * time, the money goes back by refund.
 */
export async function onPaymentUnderReview(
  event: ReceivedEvent<'PaymentUnderReview'>,
  unit: UnitOfWork,
  services: ActServices,
): Promise<void> {
  const act = actOfEvent(event, unit);
  const order = await lockPaidOrder(act.em, event.payload);
  checkedAmount(order, event.payload.amount);
  const decision = decideUnderReview(order);
  if (decision === 'IGNORE') return;

  recordTaken(order, event.payload, 'UNDER_REVIEW');
  if (decision === 'WAIT') order.expiresAt = laterOf(order.expiresAt, event.payload.reviewUntil);
  await finishStep(act, order.id, 'REQUEST_PAYMENT', 'DONE');
  await finishStep(act, order.id, 'CAPTURE_PAYMENT', 'DONE');
  await recordHistory(act, order, 'PAYMENT_UNDER_REVIEW', decision === 'REFUND' ? 'too late: the order has ended' : null);
  if (decision === 'REFUND') await refundLate(act, order, services);
  const payload = orderPayload(order, await loadLines(act.em, order.id));
  act.publish({ type: 'OrderPaymentChanged', aggregateId: order.id, payload: { ...payload, paymentState: 'REVIEW' } });
}

/** Taken, and it may not stay: the order ends, and the money goes back the way it came. */
export async function onPaymentRejected(event: ReceivedEvent<'PaymentRejected'>, unit: UnitOfWork, services: ActServices): Promise<void> {
  const act = actOfEvent(event, unit);
  const order = await lockPaidOrder(act.em, event.payload);
  checkedAmount(order, event.payload.amount);
  const decision = decideRejected(order);
  if (decision === 'IGNORE') return;

  recordTaken(order, event.payload, 'REJECTED');
  await finishStep(act, order.id, 'CAPTURE_PAYMENT', 'FAILED', NOT_ACCEPTED);
  await recordHistory(act, order, 'PAYMENT_REJECTED', decision === 'REFUND' ? 'too late: the order has ended' : null);
  const lines = await loadLines(act.em, order.id);
  act.publish({ type: 'OrderPaymentChanged', aggregateId: order.id, payload: { ...orderPayload(order, lines), paymentState: 'REJECTED' } });
  if (decision === 'CANCEL') await endRejected(act, order, lines, services);
  if (decision === 'REFUND') await refundLate(act, order, services);
  // Last, because the end of an order leaves its own note at what was still asked for.
  await overturnStep(act, order.id, 'REQUEST_PAYMENT', NOT_ACCEPTED);
}

/** What has not left the house is taken back. For the rest a person is asked; the money goes back all the same. */
async function endRejected(act: Act, order: OrderEntity, lines: readonly OrderLineEntity[], services: ActServices): Promise<void> {
  const decision = decideCancel(order, await hasRevealedUnits(act.em, order.id));
  if (decision.outcome === 'cancelled') return cancelOrder(act, order, lines, decision, NOT_ACCEPTED, services);
  await flagStep(act, order.id, 'CAPTURE_PAYMENT', 'the payment was refused after delivery');
  await settle(act, order, settlementOf(order), 'PAYMENT_REJECTED', services);
}

function laterOf(date: Date, iso: string): Date {
  const other = new Date(iso);
  if (Number.isNaN(other.getTime())) throw new InvariantViolation(`${iso} is no time to review a payment until`);
  return other > date ? other : date;
}
