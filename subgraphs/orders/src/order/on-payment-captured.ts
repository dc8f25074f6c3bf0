import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { actOfEvent } from '../cause.ts';
import { finishStep } from '../saga/steps.ts';
import type { ActServices } from '../services.ts';
import { refundLate } from './close-order.ts';
import { confirmOrder } from './confirm-order.ts';
import { recordHistory } from './history.ts';
import { loadLines, lockPaidOrder } from './order.load.ts';
import { decideCaptured } from './order.ts';
import { orderPayload } from './order-event.ts';
import { checkedAmount, recordTaken } from './payment-facts.ts';

/** The money is ours. Tenders that capture at once confirm the order with it; for an order that has ended it goes back by itself. */
export async function onPaymentCaptured(event: ReceivedEvent<'PaymentCaptured'>, unit: UnitOfWork, services: ActServices): Promise<void> {
  const act = actOfEvent(event, unit);
  const order = await lockPaidOrder(act.em, event.payload);
  checkedAmount(order, event.payload.amount);
  const decision = decideCaptured(order);
  if (decision === 'IGNORE') return;

  recordTaken(order, event.payload, 'CAPTURED');
  await finishStep(act, order.id, 'REQUEST_PAYMENT', 'DONE');
  await finishStep(act, order.id, 'CAPTURE_PAYMENT', 'DONE');
  await recordHistory(act, order, 'PAYMENT_CAPTURED', decision === 'REFUND' ? 'too late: the order has ended' : null);

  const lines = await loadLines(act.em, order.id);
  if (decision === 'CONFIRM') await confirmOrder(act, order, lines, services);
  if (decision === 'REFUND') await refundLate(act, order, services);
  act.publish({ type: 'OrderPaymentChanged', aggregateId: order.id, payload: { ...orderPayload(order, lines), paymentState: 'CAPTURED' } });
}
