import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { actOfEvent } from '../cause.ts';
import { restStep } from '../saga/steps.ts';
import { recordHistory } from './history.ts';
import { loadLines, lockPaidOrder } from './order.load.ts';
import { decideRequiresAction } from './order.ts';
import { orderPayload } from './order-event.ts';

/** The customer has to do something at the provider: whoever watches is told, and the order waits as before. */
export async function onPaymentRequiresAction(event: ReceivedEvent<'PaymentRequiresAction'>, unit: UnitOfWork): Promise<void> {
  const act = actOfEvent(event, unit);
  const order = await lockPaidOrder(act.em, event.payload);
  const decision = decideRequiresAction(order);
  if (decision === 'IGNORE') return;

  if (decision === 'RECORD') {
    order.paymentState = 'REQUIRES_ACTION';
    await restStep(act, order.id, 'REQUEST_PAYMENT', order.expiresAt, 'the customer pays at the provider');
    await recordHistory(act, order, 'PAYMENT_REQUIRES_ACTION');
  }
  const payload = orderPayload(order, await loadLines(act.em, order.id));
  act.publish({ type: 'OrderPaymentChanged', aggregateId: order.id, payload: { ...payload, paymentState: 'REQUIRES_ACTION' } });
}
