import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { actOfEvent } from '../cause.ts';
import { requestCapture, settle } from '../saga/payment-commands.ts';
import { finishStep } from '../saga/steps.ts';
import type { ActServices } from '../services.ts';
import { confirmOrder } from './confirm-order.ts';
import { recordHistory } from './history.ts';
import { loadLines, lockPaidOrder } from './order.load.ts';
import { decideAuthorised } from './order.ts';
import { checkedAmount, knownTender } from './payment-facts.ts';

/** The money is held: the order is confirmed, or captured where it is so already; where it has ended meanwhile, the hold is given back. */
export async function onPaymentAuthorised(
  event: ReceivedEvent<'PaymentAuthorised'>,
  unit: UnitOfWork,
  services: ActServices,
): Promise<void> {
  const act = actOfEvent(event, unit);
  const order = await lockPaidOrder(act.em, event.payload);
  const amountMinor = checkedAmount(order, event.payload.amount);
  const decision = decideAuthorised(order);
  if (decision === 'IGNORE') return;

  order.authorisedMinor = amountMinor;
  order.paymentState = 'AUTHORISED';
  order.tender = knownTender(event.payload.tender);
  await finishStep(act, order.id, 'REQUEST_PAYMENT', 'DONE');
  await recordHistory(act, order, 'PAYMENT_AUTHORISED', decision === 'VOID' ? 'too late: the order has ended' : null);
  if (decision === 'CONFIRM') await confirmOrder(act, order, await loadLines(act.em, order.id), services);
  if (decision === 'CAPTURE') await requestCapture(act, order, services);
  if (decision === 'VOID') await settle(act, order, { kind: 'VOID' }, 'PAID_TOO_LATE', services);
}
