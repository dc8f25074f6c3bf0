import type { Act } from '../cause.ts';
import { settle } from '../saga/payment-commands.ts';
import { finishStep, recordStep } from '../saga/steps.ts';
import { lockStock, releaseStock, restock, writeOff } from '../stock/stock-journal.ts';
import { revokeUnits } from '../unit/grant-units.ts';
import { recordHistory } from './history.ts';
import type { OrderEntity, OrderLineEntity } from './order.entity.ts';
import { type CancelDecision, settlementOf } from './order.ts';
import { orderPayload } from './order-event.ts';

interface Timing {
  readonly answerDeadlineMs: number;
}

const ENDED = 'the order has ended';

/** Ends an order by decision: stock comes back, money goes back by command. Runs under the lock of the order's row. */
export async function cancelOrder(
  act: Act,
  order: OrderEntity,
  lines: readonly OrderLineEntity[],
  { stock, settlement }: Extract<CancelDecision, { outcome: 'cancelled' }>,
  reason: string | null,
  timing: Timing,
): Promise<void> {
  order.state = 'CANCELLED';
  order.closedAt = act.now;
  if (stock === 'RELEASE') await releaseReserved(act, order, lines);
  else await returnSold(act, order, lines);
  await recordHistory(act, order, 'CANCELLED', reason);
  act.publish({ type: 'OrderCancelled', aggregateId: order.id, payload: { ...orderPayload(order, lines), reason } });
  await stopAsking(act, order.id);
  await settle(act, order, settlement, 'ORDER_CANCELLED', timing);
}

/** Ends an order whose money did not come in time. Runs under the lock of the order's row. */
export async function expireOrder(act: Act, order: OrderEntity, lines: readonly OrderLineEntity[], timing: Timing): Promise<void> {
  order.state = 'EXPIRED';
  order.closedAt = act.now;
  await releaseReserved(act, order, lines);
  await recordHistory(act, order, 'EXPIRED');
  act.publish({ type: 'OrderExpired', aggregateId: order.id, payload: orderPayload(order, lines) });
  await stopAsking(act, order.id);
  await settle(act, order, settlementOf(order), 'ORDER_EXPIRED', timing);
}

/** Money that was taken for an order that has ended: it goes back by itself. */
export async function refundLate(act: Act, order: OrderEntity, timing: Timing): Promise<void> {
  await finishStep(act, order.id, 'VOID_PAYMENT', 'FAILED', 'captured before it could be voided');
  await settle(act, order, settlementOf(order), 'PAID_TOO_LATE', timing);
}

/** Commands for money that nobody wants any more are not sent again; an answer that is under way still counts. */
async function stopAsking(act: Act, orderId: string): Promise<void> {
  await finishStep(act, orderId, 'REQUEST_PAYMENT', 'FAILED', ENDED);
  await finishStep(act, orderId, 'CAPTURE_PAYMENT', 'FAILED', ENDED);
}

async function releaseReserved(act: Act, order: OrderEntity, lines: readonly OrderLineEntity[]): Promise<void> {
  await releaseStock(act, order.id, lines);
  await recordStep(act, order.id, 'RELEASE_STOCK');
}

/** Physical pieces go back on the shelf; digital units are revoked and written off. */
async function returnSold(act: Act, order: OrderEntity, lines: readonly OrderLineEntity[]): Promise<void> {
  // All rows at once, in the order of their ids: the two kinds are moved one after the other.
  await lockStock(
    act.em,
    lines.map((line) => line.variantId),
  );
  await restock(
    act,
    order.id,
    lines.filter((line) => line.kind === 'PHYSICAL'),
  );
  await writeOff(act, order.id, await revokeUnits(act, order.id));
  await recordStep(act, order.id, 'RETURN_STOCK');
}

/** Who has all the money back has no claim on units that were not looked at; what was revealed stays sold. */
export async function revokeRefunded(act: Act, order: OrderEntity, lines: readonly OrderLineEntity[]): Promise<void> {
  const digital = lines.filter((line) => line.kind === 'DIGITAL_UNITS');
  if (order.state === 'CANCELLED' || digital.length === 0) return;
  await lockStock(
    act.em,
    digital.map((line) => line.variantId),
  );
  await writeOff(act, order.id, await revokeUnits(act, order.id));
}
