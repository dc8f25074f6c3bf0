import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../cause.ts';
import type { OrderState } from './order.ts';

export type HistoryKind =
  | 'PLACED'
  | 'CONFIRMED'
  | 'UNITS_DELIVERED'
  | 'CANCELLED'
  | 'EXPIRED'
  | 'PAYMENT_AUTHORISED'
  | 'PAYMENT_CAPTURED'
  | 'PAYMENT_FAILED'
  | 'PAYMENT_VOIDED'
  | 'REFUND_SUCCEEDED'
  | 'REFUND_FAILED';

export interface HistoryEntry {
  readonly kind: HistoryKind;
  readonly state: OrderState;
  readonly note: string | null;
  readonly at: Date;
}

const MAX_NOTE = 500;
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

export async function loadHistory(em: EntityManager, orderId: string): Promise<HistoryEntry[]> {
  const rows = await rawSql<{ kind: HistoryKind; state: OrderState; note: string | null; at: string }>(
    em,
    `select kind, state, note, at from (
       select id, kind, state, note, at from order_history where order_id = $1 order by id desc limit ${MAX_ENTRIES}
     ) latest order by id`,
    [orderId],
  );
  return rows.map((row) => ({ ...row, at: new Date(row.at) }));
}
