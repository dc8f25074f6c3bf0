import { InvariantViolation } from '@tessera/service-kit/errors';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../cause.ts';
import { available, becomesLow, type Demand, type Shortage, type StockLevel, shortages, sumDemand } from './stock.ts';

export type MovementKind = 'ADJUST' | 'DEPOSIT' | 'RESERVE' | 'RELEASE' | 'SELL' | 'RESTOCK' | 'REVOKE';

export interface Movement {
  readonly variantId: string;
  readonly kind: MovementKind;
  readonly onHand: number;
  readonly reserved: number;
  readonly sold: number;
  readonly orderId?: string | undefined;
  /** Makes a repeated fact of a seed or an operator count once. */
  readonly factKey?: string | undefined;
  readonly reason?: string | null | undefined;
}

/** Locks the rows until the end of the transaction, in the order of their ids, and answers what they hold. */
export async function lockStock(em: EntityManager, variantIds: readonly string[]): Promise<ReadonlyMap<string, StockLevel>> {
  const rows = await rawSql<{ variantId: string; vendorId: string; onHand: number; reserved: number; lowStockThreshold: number }>(
    em,
    `select variant_id as "variantId", vendor_id as "vendorId", on_hand as "onHand", reserved, low_stock_threshold as "lowStockThreshold"
     from stock_items where variant_id = any($1::text[]) order by variant_id for no key update`,
    [[...new Set(variantIds)].sort()],
  );
  return new Map(rows.map((row) => [row.variantId, row]));
}

/** Reserves all of it for the order, or nothing; answers what there is too little of. */
export async function reserveStock(act: Act, orderId: string, lines: readonly Demand[]): Promise<Shortage[]> {
  const demand = sumDemand(lines);
  const levels = await lockStock(
    act.em,
    demand.map(({ variantId }) => variantId),
  );
  const short = shortages(demand, levels);
  if (short.length > 0) return short;
  await moveStock(
    act,
    demand.map(({ variantId, quantity }) => ({ variantId, kind: 'RESERVE', onHand: 0, reserved: quantity, sold: 0, orderId })),
  );
  for (const { variantId, quantity } of demand) {
    const level = levels.get(variantId);
    if (!level || !becomesLow(level, quantity)) continue;
    act.publish({
      type: 'StockLow',
      aggregateId: variantId,
      payload: { variantId, vendorId: level.vendorId, available: available(level) - quantity },
    });
  }
  return [];
}

/** Gives back what the order had reserved. Once per order: the journal refuses a second time. */
export async function releaseStock(act: Act, orderId: string, lines: readonly Demand[]): Promise<void> {
  await moveLocked(act, lines, (variantId, quantity) => ({ variantId, kind: 'RELEASE', onHand: 0, reserved: -quantity, sold: 0, orderId }));
}

/** Turns what the order had reserved into sold. Once per order. */
export async function sellStock(act: Act, orderId: string, lines: readonly Demand[]): Promise<void> {
  await moveLocked(act, lines, (variantId, quantity) => ({
    variantId,
    kind: 'SELL',
    onHand: -quantity,
    reserved: -quantity,
    sold: quantity,
    orderId,
  }));
}

/** Takes sold pieces back into stock. Once per order. */
export async function restock(act: Act, orderId: string, lines: readonly Demand[]): Promise<void> {
  await moveLocked(act, lines, (variantId, quantity) => ({
    variantId,
    kind: 'RESTOCK',
    onHand: quantity,
    reserved: 0,
    sold: -quantity,
    orderId,
  }));
}

/** Writes off sold digital units: their secrets have left the house. Once per order. */
export async function writeOff(act: Act, orderId: string, lines: readonly Demand[]): Promise<void> {
  await moveLocked(act, lines, (variantId, quantity) => ({ variantId, kind: 'REVOKE', onHand: 0, reserved: 0, sold: -quantity, orderId }));
}

async function moveLocked(
  act: Act,
  lines: readonly Demand[],
  movementOf: (variantId: string, quantity: number) => Movement,
): Promise<void> {
  const demand = sumDemand(lines);
  if (demand.length === 0) return;
  await lockStock(
    act.em,
    demand.map(({ variantId }) => variantId),
  );
  await moveStock(
    act,
    demand.map(({ variantId, quantity }) => movementOf(variantId, quantity)),
  );
}

/** Journal and counters in one statement, so that the counters are always the sums of the journal. The caller holds the rows' locks. */
const MOVE = `
  with moved as (
    insert into stock_movements (variant_id, kind, delta_on_hand, delta_reserved, delta_sold, order_id, fact_key, reason, actor, trace_id, at)
    select variant_id, kind, on_hand, reserved, sold, order_id, fact_key, reason, $9::text, $10::text, $11::timestamptz
    from unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::text[])
      as m (variant_id, kind, on_hand, reserved, sold, order_id, fact_key, reason)
    returning variant_id, delta_on_hand, delta_reserved, delta_sold
  )
  update stock_items s set
    on_hand = s.on_hand + moved.delta_on_hand, reserved = s.reserved + moved.delta_reserved, sold = s.sold + moved.delta_sold,
    updated_at = $11::timestamptz
  from moved where s.variant_id = moved.variant_id
  returning s.variant_id`;

/** Moves at most one amount per variant. */
export async function moveStock({ em, now, actor, traceId }: Act, movements: readonly Movement[]): Promise<void> {
  const column = <K extends keyof Movement>(key: K) => movements.map((movement) => movement[key] ?? null);
  const moved = await rawSql(em, MOVE, [
    column('variantId'),
    column('kind'),
    column('onHand'),
    column('reserved'),
    column('sold'),
    column('orderId'),
    column('factKey'),
    column('reason'),
    actor,
    traceId,
    now,
  ]);
  if (moved.length !== movements.length)
    throw new InvariantViolation(`Moved stock of ${moved.length} variants instead of ${movements.length}`);
}
