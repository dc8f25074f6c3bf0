import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import { actOfEvent } from '../cause.ts';
import { overturnRefund } from '../saga/steps.ts';
import { countRefund } from './count-refund.ts';
import { moneyNote, recordHistory } from './history.ts';
import { loadLines, lockPaidOrder } from './order.load.ts';
import { orderPayload } from './order-event.ts';

/**
 * The bank sent back what had arrived: it counts as captured again, and somebody has to give it back another way. Each return counts once; what
 * the first arrival led to, such as units that were revoked, stays.
 */
export async function onRefundReturned(event: ReceivedEvent<'RefundReturned'>, unit: UnitOfWork): Promise<void> {
  const act = actOfEvent(event, unit);
  const { refundId, refunded, reason } = event.payload;
  const order = await lockPaidOrder(act.em, event.payload);
  const [returned] = await rawSql<{ is_stray: boolean }>(
    act.em,
    'update order_refunds set returned_at = $2 where refund_id = $1 and returned_at is null returning is_stray',
    [refundId, act.now],
  );
  if (!returned) return;

  await recordHistory(act, order, 'REFUND_RETURNED', moneyNote(refunded, reason));
  if (returned.is_stray) return;
  order.refundedMinor -= BigInt(refunded.minor);
  await overturnRefund(act, order.id, refundId, `the bank sent it back: ${reason ?? 'UNKNOWN'}`);
  const payload = orderPayload(order, await loadLines(act.em, order.id));
  act.publish({ type: 'OrderPaymentChanged', aggregateId: order.id, payload: { ...payload, paymentState: 'REFUND_FAILED' } });
}

/** The customer was charged twice, and the second charge has gone back: the order's own money is as it was. */
export async function onStrayRefunded(event: ReceivedEvent<'StrayRefunded'>, unit: UnitOfWork): Promise<void> {
  const act = actOfEvent(event, unit);
  const order = await lockPaidOrder(act.em, event.payload);
  if (!(await countRefund(act, order.id, event.payload, true))) return;
  await recordHistory(act, order, 'STRAY_REFUNDED', moneyNote(event.payload.refunded, 'charged twice'));
}
