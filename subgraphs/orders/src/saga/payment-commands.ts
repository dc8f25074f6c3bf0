import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import type { Act } from '../cause.ts';
import type { OrderEntity } from '../order/order.entity.ts';
import { refundDestinationOf, type Settlement } from '../order/order.ts';
import { requestStep } from './steps.ts';

interface Timing {
  readonly answerDeadlineMs: number;
}

export async function requestCapture(act: Act, order: OrderEntity, { answerDeadlineMs }: Timing): Promise<void> {
  const payload = { paymentId: paymentOf(order), orderId: order.id };
  await requestStep(act, order, {
    name: 'CAPTURE_PAYMENT',
    command: { type: 'CaptureRequested', payload },
    amountMinor: order.totalMinor,
    answerDeadlineMs,
  });
}

/** Gives the money back that an order holds or may still get, by command; the answer comes as an event. */
export async function settle(
  act: Act,
  order: OrderEntity,
  settlement: Settlement,
  reason: string,
  { answerDeadlineMs }: Timing,
): Promise<void> {
  const ids = { orderId: order.id, reason };
  if (settlement.kind === 'VOID') {
    const command = { type: 'VoidRequested', payload: { ...ids, paymentId: paymentOf(order) } } as const;
    await requestStep(act, order, {
      name: 'VOID_PAYMENT',
      command,
      amountMinor: order.authorisedMinor > 0n ? order.authorisedMinor : null,
      note: reason,
      answerDeadlineMs,
    });
  }
  if (settlement.kind === 'REFUND') {
    const amount = { currency: order.currency, minor: settlement.minor.toString() };
    const destination = refundDestinationOf(order.tender);
    const payload = { ...ids, paymentId: paymentOf(order), refundId: newId('refund'), amount, destination };
    const command = { type: 'RefundRequested', payload } as const;
    await requestStep(act, order, { name: 'REFUND_PAYMENT', command, amountMinor: settlement.minor, note: reason, answerDeadlineMs });
  }
}

function paymentOf(order: OrderEntity): string {
  return ensure(order.paymentId, 'the payment of an order that is paid');
}
