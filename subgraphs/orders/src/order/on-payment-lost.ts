import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { type Act, actOfEvent } from '../cause.ts';
import { finishStep, flagStep } from '../saga/steps.ts';
import type { ActServices } from '../services.ts';
import { hasRevealedUnits } from '../unit/grant-units.ts';
import { cancelOrder } from './close-order.ts';
import { recordHistory } from './history.ts';
import type { OrderEntity } from './order.entity.ts';
import { loadLines, lockPaidOrder } from './order.load.ts';
import { decideCancel, decidePaymentLost } from './order.ts';
import { orderPayload } from './order-event.ts';

type PaymentLost = ReceivedEvent<'PaymentFailed' | 'PaymentVoided'>;

/** The tender was refused, or its hold ran out. An order that waits goes on waiting: the customer may pay otherwise until it expires. */
export async function onPaymentFailed(event: ReceivedEvent<'PaymentFailed'>, unit: UnitOfWork, services: ActServices): Promise<void> {
  await onPaymentLost(event, unit, services, 'FAILED');
}

/** The hold was given back. */
export async function onPaymentVoided(event: ReceivedEvent<'PaymentVoided'>, unit: UnitOfWork, services: ActServices): Promise<void> {
  await onPaymentLost(event, unit, services, 'VOIDED');
}

async function onPaymentLost(
  event: PaymentLost,
  unit: UnitOfWork,
  services: ActServices,
  paymentState: 'FAILED' | 'VOIDED',
): Promise<void> {
  const act = actOfEvent(event, unit);
  const order = await lockPaidOrder(act.em, event.payload);
  const decision = decidePaymentLost(order);
  if (decision === 'IGNORE') return;

  const { reason } = event.payload;
  order.paymentState = paymentState;
  order.authorisedMinor = 0n;
  await finishStep(act, order.id, 'REQUEST_PAYMENT', paymentState === 'FAILED' ? 'FAILED' : 'DONE', reason);
  await finishStep(act, order.id, 'CAPTURE_PAYMENT', 'FAILED', reason ?? paymentState);
  await finishStep(act, order.id, 'VOID_PAYMENT', 'DONE');
  await recordHistory(act, order, paymentState === 'FAILED' ? 'PAYMENT_FAILED' : 'PAYMENT_VOIDED', reason);
  const lines = await loadLines(act.em, order.id);
  act.publish({ type: 'OrderPaymentChanged', aggregateId: order.id, payload: { ...orderPayload(order, lines), paymentState } });
  if (decision === 'CANCEL') await cancelUnpaid(act, order, services);
}

/** The hold of a confirmed order is gone before it was captured: what has not left the house is taken back, for the rest a person is asked. */
async function cancelUnpaid(act: Act, order: OrderEntity, services: ActServices): Promise<void> {
  const decision = decideCancel(order, await hasRevealedUnits(act.em, order.id));
  if (decision.outcome === 'cancelled') {
    await cancelOrder(
      act,
      order,
      await loadLines(act.em, order.id),
      { ...decision, settlement: { kind: 'NONE' } },
      'the payment was lost',
      services,
    );
  } else {
    await flagStep(act, order.id, 'CAPTURE_PAYMENT', 'the payment was lost after delivery');
  }
}
