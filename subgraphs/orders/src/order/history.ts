import type { Loader } from '@tessera/service-kit/graphql';
import { fromWire, toDecimal } from '@tessera/service-kit/money';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../cause.ts';
import type { OrdersServices } from '../services.ts';
import type { OrderState } from './order.ts';

export type HistoryKind =
  | 'PLACED'
  | 'CONFIRMED'
  | 'UNITS_DELIVERED'
  | 'CANCELLED'
  | 'EXPIRED'
  | 'PAYMENT_REQUIRES_ACTION'
  | 'PAYMENT_AUTHORISED'
  | 'PAYMENT_UNDER_REVIEW'
  | 'PAYMENT_CAPTURED'
  | 'PAYMENT_REJECTED'
  | 'PAYMENT_FAILED'
  | 'PAYMENT_VOIDED'
  | 'REFUND_SUCCEEDED'
  | 'REFUND_FAILED'
  | 'REFUND_RETURNED'
  | 'STRAY_REFUNDED'
  | 'DISPUTE_OPENED'
  | 'DISPUTE_WON'
  | 'DISPUTE_LOST';

export interface HistoryEntry {
  readonly kind: HistoryKind;
  readonly state: OrderState;
  readonly note: string | null;
  readonly at: Date;
}

export const MAX_NOTE = 500;
const MAX_ENTRIES = 200;

/** Every change of an order: what, who, when, and in which trace. */
export async function recordHistory(
  { em, actor, traceId, now }: Act,
  order: { readonly id: string; readonly state: OrderState },
  kind: HistoryKind,
  note: string | null = null,
): Promise<void> {
  await rawSql(em, 'insert into order_history (order_id, kind, state, note, actor, trace_id, at) values ($1, $2, $3, $4, $5, $6, $7)', [
    order.id,
    kind,
    order.state,
    note?.slice(0, MAX_NOTE) ?? null,
    actor,
    traceId,
    now,
  ]);
}

/** Such as `5.00 USD: Scratched`. */
export function moneyNote(amount: { readonly currency: string; readonly minor: string }, reason: string | null = null): string {
  return `${toDecimal(fromWire(amount))} ${amount.currency}${reason ? `: ${reason}` : ''}`;
}

/** The latest of each order, oldest first: for its customer and `orders:read` whole, disputes among it; for a vendor see `historyForVendor`. */
export const historyOfOrder: Loader<readonly HistoryEntry[], OrdersServices> = {
  name: 'historyOfOrder',
  batch: async (ids, { em }) => {
    const rows = await rawSql<{ order_id: string; kind: HistoryKind; state: OrderState; note: string | null; at: string }>(
      em,
      `select h.* from unnest($1::text[]) as o (id) cross join lateral (
         select id, order_id, kind, state, note, at from order_history where order_id = o.id order by id desc limit ${MAX_ENTRIES}
       ) h order by h.id`,
      [ids],
    );
    const entries = rows.map(({ order_id: orderId, kind, state, note, at }) => ({ orderId, kind, state, note, at: new Date(at) }));
    return Map.groupBy(entries, ({ orderId }) => orderId);
  },
};

const FOR_VENDORS: ReadonlySet<HistoryKind> = new Set(['PLACED', 'CONFIRMED', 'UNITS_DELIVERED', 'CANCELLED', 'EXPIRED']);

/** How the customer pays, what they dispute, and why they cancel, is none of a vendor's business; nor are the digital units of another vendor. */
export function historyForVendor(entries: readonly HistoryEntry[], { sellsUnits }: { readonly sellsUnits: boolean }): HistoryEntry[] {
  return entries
    .filter(({ kind }) => FOR_VENDORS.has(kind) && (sellsUnits || kind !== 'UNITS_DELIVERED'))
    .map((entry) => ({ ...entry, note: null }));
}
