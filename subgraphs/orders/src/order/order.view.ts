import type { Loader } from '@tessera/service-kit/graphql';
import { hasScope, type Viewer } from '@tessera/service-kit/identity';
import { allocate, money } from '@tessera/service-kit/money';
import type { OrdersContext, OrdersServices } from '../services.ts';
import { OrderEntity, OrderLineEntity } from './order.entity.ts';

/** An order as one viewer sees it: whole, or a vendor their own lines only. */
export interface OrderView {
  readonly id: string;
  readonly number: string;
  readonly state: OrderEntity['state'];
  readonly placedAt: Date;
  readonly expiresAt: Date;
  readonly row: OrderEntity;
  /** Null for who sees it whole. */
  readonly vendorId: string | null;
}

/** Null where the viewer may not see the order: "not yours" and "not there" are one answer. */
export function viewOf(row: OrderEntity, viewer: Viewer): OrderView | null {
  const { id, number, state, placedAt, expiresAt } = row;
  const facts = { id, number, state, placedAt, expiresAt, row };
  if (viewer.userId === row.customerId || hasScope(viewer, 'orders:read')) return { ...facts, vendorId: null };
  return sellsIn(row, viewer) ? { ...facts, vendorId: viewer.userId } : null;
}

/** The vendor's view, also for who might see more. */
export function vendorViewOf(row: OrderEntity, vendorId: string): OrderView {
  const { id, number, state, placedAt, expiresAt } = row;
  return { id, number, state, placedAt, expiresAt, row, vendorId };
}

export const visibleOrder: Loader<OrderView, OrdersServices> = {
  name: 'visibleOrder',
  batch: async (ids, { em, viewer }) => {
    const rows = await em.find(OrderEntity, { id: { $in: [...ids] } });
    const views = rows.map((row) => viewOf(row, viewer)).filter((view) => view !== null);
    return new Map(views.map((view) => [view.id, view]));
  },
};

/** All lines of an order; who sees which of them is decided by `linesOf`. */
const allLines: Loader<readonly OrderLineEntity[], OrdersServices> = {
  name: 'orderLines',
  batch: async (ids, { em }) => {
    const lines = await em.find(OrderLineEntity, { orderId: { $in: [...ids] } }, { orderBy: { place: 'asc' } });
    return Map.groupBy(lines, (line) => line.orderId);
  },
};

export async function linesOf({ id, vendorId }: OrderView, context: OrdersContext): Promise<readonly OrderLineEntity[]> {
  const lines = (await context.load(allLines, id)) ?? [];
  return vendorId === null ? lines : lines.filter((line) => line.vendorId === vendorId);
}

/** An amount of the whole order as this viewer may know it: for a vendor the part that falls to their lines. */
export async function shareOf(view: OrderView, wholeMinor: bigint, context: OrdersContext): Promise<bigint> {
  const { row, vendorId } = view;
  if (vendorId === null) return wholeMinor;
  const own = subtotalOf(await linesOf(view, context));
  if (own === 0n || row.subtotalMinor === 0n) return 0n;
  const [share] = allocate(money(row.currency, wholeMinor), [own, row.subtotalMinor - own]);
  return share?.minor ?? 0n;
}

export function subtotalOf(lines: readonly OrderLineEntity[]): bigint {
  return lines.reduce((sofar, { unitMinor, quantity }) => sofar + unitMinor * BigInt(quantity), 0n);
}

function sellsIn(row: OrderEntity, viewer: Viewer): boolean {
  return viewer.userId !== null && hasScope(viewer, 'orders:vendor') && row.vendorIds.includes(viewer.userId);
}
