import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import { actOfEvent } from '../cause.ts';
import { finishStep, flagStep } from '../saga/steps.ts';
import { recordHistory } from './history.ts';
import { loadLines, lockPaidOrder } from './order.load.ts';
import { orderPayload } from './order-event.ts';

/** Money went back, asked for by us or by an operator. Each refund counts once. */
export async function onRefundSucceeded(event: ReceivedEvent<'RefundSucceeded'>, unit: UnitOfWork): Promise<void> {
  const act = actOfEvent(event, unit);
  const { refundId, refunded } = event.payload;
  const order = await lockPaidOrder(act.em, event.payload);
  const counted = await rawSql(
    act.em,
    'insert into order_refunds (refund_id, order_id, amount_minor, at) values ($1, $2, $3, $4) on conflict (refund_id) do nothing returning refund_id',
    [refundId, order.id, refunded.minor, act.now],
  );
  if (counted.length === 0) return;

  order.refundedMinor += BigInt(refunded.minor);
  const isWhole = order.refundedMinor === order.capturedMinor;
  await finishStep(act, order.id, 'REFUND_PAYMENT', 'DONE');
  await recordHistory(act, order, 'REFUND_SUCCEEDED');
  const payload = orderPayload(order, await loadLines(act.em, order.id));
  if (isWhole) act.publish({ type: 'OrderRefunded', aggregateId: order.id, payload });
  else act.publish({ type: 'OrderPaymentChanged', aggregateId: order.id, payload: { ...payload, paymentState: 'PARTIALLY_REFUNDED' } });
}

/** A refund that we asked for and did not get needs a person; one that an operator asked for is only noted. */
export async function onRefundFailed(event: ReceivedEvent<'RefundFailed'>, unit: UnitOfWork): Promise<void> {
  const act = actOfEvent(event, unit);
  const { refundId, reason } = event.payload;
  const order = await lockPaidOrder(act.em, event.payload);
  const [ours] = await rawSql(
    act.em,
    `select name from saga_steps where order_id = $1 and name = 'REFUND_PAYMENT' and command -> 'payload' ->> 'refundId' = $2`,
    [order.id, refundId],
  );
  if (ours) await flagStep(act, order.id, 'REFUND_PAYMENT', reason ?? 'the refund failed');
  await recordHistory(act, order, 'REFUND_FAILED', reason);
  const payload = orderPayload(order, await loadLines(act.em, order.id));
  act.publish({ type: 'OrderPaymentChanged', aggregateId: order.id, payload: { ...payload, paymentState: 'REFUND_FAILED' } });
}
