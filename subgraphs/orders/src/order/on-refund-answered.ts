import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { type Act, actOfEvent } from '../cause.ts';
import { settle } from '../saga/payment-commands.ts';
import { finishStep, flagStep } from '../saga/steps.ts';
import type { ActServices } from '../services.ts';
import { revokeRefunded } from './close-order.ts';
import { countRefund } from './count-refund.ts';
import { moneyNote, recordHistory } from './history.ts';
import type { OrderEntity } from './order.entity.ts';
import { loadLines, lockPaidOrder } from './order.load.ts';
import { decideRefundAnswered, isFailure, type OwnRefund, type RefundAnswer, type RefundDecision } from './order.ts';
import { orderPayload } from './order-event.ts';

/** Money went back, asked for by us or by an operator. Each refund counts once. */
export async function onRefundSucceeded(event: ReceivedEvent<'RefundSucceeded'>, unit: UnitOfWork, services: ActServices): Promise<void> {
  const act = actOfEvent(event, unit);
  const { refundId, refunded, reason } = event.payload;
  const order = await lockPaidOrder(act.em, event.payload);
  if (!(await countRefund(act, order.id, event.payload, false))) return;

  order.refundedMinor += BigInt(refunded.minor);
  const isWhole = order.refundedMinor === order.capturedMinor;
  await recordHistory(act, order, 'REFUND_SUCCEEDED', moneyNote(refunded, reason));
  await followUp(act, order, { refundId, hasSucceeded: true, reason: null }, services);
  const lines = await loadLines(act.em, order.id);
  if (isWhole) await revokeRefunded(act, order, lines);
  const payload = orderPayload(order, lines);
  if (isWhole) act.publish({ type: 'OrderRefunded', aggregateId: order.id, payload });
  else act.publish({ type: 'OrderPaymentChanged', aggregateId: order.id, payload: { ...payload, paymentState: 'PARTIALLY_REFUNDED' } });
}

/** A refund that we asked for and did not get is asked for again where others were in its way, else it needs a person. */
export async function onRefundFailed(event: ReceivedEvent<'RefundFailed'>, unit: UnitOfWork, services: ActServices): Promise<void> {
  const act = actOfEvent(event, unit);
  const { refundId, refunded, reason } = event.payload;
  const order = await lockPaidOrder(act.em, event.payload);
  const { isOwn, decision } = await followUp(act, order, { refundId, hasSucceeded: false, reason }, services);
  if (isFailure(isOwn, reason, decision, await isDisputed(act.em, order.id)))
    await recordHistory(act, order, 'REFUND_FAILED', moneyNote(refunded, reason));
  if (isOwn && decision.kind !== 'FLAG') return;
  const payload = orderPayload(order, await loadLines(act.em, order.id));
  act.publish({ type: 'OrderPaymentChanged', aggregateId: order.id, payload: { ...payload, paymentState: 'REFUND_FAILED' } });
}

async function followUp(
  act: Act,
  order: OrderEntity,
  answer: RefundAnswer,
  services: ActServices,
): Promise<{ readonly isOwn: boolean; readonly decision: RefundDecision }> {
  const own = await loadOwnRefund(act.em, order.id);
  const decision = decideRefundAnswered(order, own, answer);
  if (decision.kind === 'DONE') await finishStep(act, order.id, 'REFUND_PAYMENT', 'DONE');
  if (decision.kind === 'GIVEN_BACK') await finishStep(act, order.id, 'REFUND_PAYMENT', 'DONE', 'others gave it back');
  if (decision.kind === 'FLAG') await flagStep(act, order.id, 'REFUND_PAYMENT', answer.reason ?? 'the refund failed');
  if (decision.kind === 'ASK') await settle(act, order, { kind: 'REFUND', minor: decision.minor }, own?.reason ?? '', services);
  return { isOwn: own?.refundId === answer.refundId, decision };
}

/** Our own wish, as the step keeps it that waits for its answer. */
async function loadOwnRefund(em: EntityManager, orderId: string): Promise<(OwnRefund & { readonly reason: string }) | null> {
  const [row] = await rawSql<{ refund_id: string; asked_minor: string; failure: string | null; reason: string }>(
    em,
    `select command -> 'payload' ->> 'refundId' as refund_id, amount_minor as asked_minor, command -> 'payload' ->> 'reason' as reason,
       case when state = 'NEEDS_ATTENTION' then note end as failure
     from saga_steps where order_id = $1 and name = 'REFUND_PAYMENT'`,
    [orderId],
  );
  return row ? { refundId: row.refund_id, askedMinor: BigInt(row.asked_minor), failure: row.failure, reason: row.reason } : null;
}

/** A dispute that is open or lost keeps its money from going back otherwise. */
async function isDisputed(em: EntityManager, orderId: string): Promise<boolean> {
  const disputes = await rawSql(
    em,
    `select dispute_id from order_disputes where order_id = $1 and outcome is distinct from 'WON' limit 1`,
    [orderId],
  );
  return disputes.length > 0;
}
