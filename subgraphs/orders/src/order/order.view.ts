import { ensure } from '@tessera/service-kit/errors';
import type { Loader } from '@tessera/service-kit/graphql';
import { hasScope, type Viewer } from '@tessera/service-kit/identity';
import { allocate, money } from '@tessera/service-kit/money';
import type { QuoteTotals } from '../checkout/quote.ts';
import { vendorParts } from '../checkout/shares.ts';
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

/** The totals as this viewer may know them: for a vendor what falls to their lines. */
export async function totalsOf({ id, row, vendorId }: OrderView, context: OrdersContext): Promise<QuoteTotals> {
  if (vendorId === null) return row;
  const parts = vendorParts((await context.load(allLines, id)) ?? [], row, row.currency);
  return ensure(parts.get(vendorId), 'the part of a vendor of a line');
}

/** Of an amount that belongs to the whole order, the part that falls to the lines of this viewer. */
export async function shareOf(view: OrderView, wholeMinor: bigint, context: OrdersContext): Promise<bigint> {
  const { row } = view;
  const { totalMinor } = await totalsOf(view, context);
  if (totalMinor === row.totalMinor) return wholeMinor;
  const [share] = allocate(money(row.currency, wholeMinor), [totalMinor, row.totalMinor - totalMinor]);
  return ensure(share, 'the first of two parts').minor;
}

function sellsIn(row: OrderEntity, viewer: Viewer): boolean {
  return viewer.userId !== null && hasScope(viewer, 'orders:vendor') && row.vendorIds.includes(viewer.userId);
}
