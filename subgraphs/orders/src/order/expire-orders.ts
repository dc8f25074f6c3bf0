import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import { actOfService } from '../cause.ts';
import { lockStock } from '../stock/stock-journal.ts';
import { expireOrder } from './close-order.ts';
import { OrderEntity, OrderLineEntity } from './order.entity.ts';

const BATCH = 20;

/**
 * Ends orders whose money did not come in time, by the clock of the database. Replicas share the work by SKIP LOCKED; the stock of the
 * whole batch is locked at once and in order, so that rounds and checkouts do not wait for each other in a circle.
 */
export async function expireOrders(unit: UnitOfWork, timing: { readonly answerDeadlineMs: number }): Promise<boolean> {
  const act = actOfService(unit);
  const due = await rawSql<{ id: string }>(
    act.em,
    `select id from orders where state = 'PENDING_PAYMENT' and expires_at <= clock_timestamp() order by expires_at limit ${BATCH} for update skip locked`,
  );
  if (due.length === 0) return false;
  const ids = due.map(({ id }) => id);
  const orders = await act.em.find(OrderEntity, { id: { $in: ids } });
  const lines = await act.em.find(OrderLineEntity, { orderId: { $in: ids } }, { orderBy: { place: 'asc' } });
  const linesOf = Map.groupBy(lines, (line) => line.orderId);
  await lockStock(
    act.em,
    lines.map((line) => line.variantId),
  );
  for (const order of orders) await expireOrder(act, order, linesOf.get(order.id) ?? [], timing);
  return due.length === BATCH;
}
