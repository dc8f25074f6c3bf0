import type { Ask } from './ask.ts';
import { type Check, sqlCheck } from './check.ts';
import { SETTLED, youngOf, youngPayments } from './settled.ts';

/**
 * A posted hold, or what came in over a provider's clearing account. Not everything that resolves a hold: a refund to a card is held too,
 * and its row that moved nothing, or gave back, is not POSTED.
 */
const IS_CAPTURE = `(t.code = 'ORDER_PAYMENT' and t.resolves is not null or t.code in ('ORDER_PAYMENT', 'TOP_UP') and d.kind = 'CLEARING')`;

interface Totals extends Record<string, unknown> {
  readonly id: string;
  readonly captured: string;
  readonly refunded: string;
}

interface AgedTotals extends Totals {
  readonly isYoung: boolean;
}

export const paymentsChecks: readonly Check[] = [
  sqlCheck(
    'payments',
    'I6',
    'one-captured-payment-per-order',
    'no order was paid twice',
    `select format('order %s has %s captured payments', order_id, count(*)) as violation
     from payments where captured_minor > 0 and order_id is not null group by order_id having count(*) > 1`,
  ),
  {
    invariant: 'I6',
    id: 'payments-equal-ledger',
    title: 'what payments captured and refunded is what the ledger moved for them',
    run: async (ask, limit) => {
      const [payments, young, moved] = await Promise.all([capturedPayments(ask), youngPayments(ask), ledgerMovements(ask)]);
      return compare(payments, moved, new Set([...young, ...youngOf(moved)])).slice(0, limit);
    },
  },
  {
    invariant: 'I6',
    id: 'orders-equal-payments',
    title: 'what orders believe was captured and refunded is what payments say',
    run: async (ask, limit) => {
      const [payments, young, orders] = await Promise.all([capturedPayments(ask), youngPayments(ask), orderTotals(ask)]);
      const paid = new Map([...payments].filter(([id]) => orders.has(id)));
      return compare(paid, orders, new Set([...young, ...youngOf(orders)])).slice(0, limit);
    },
  },
];

/** A pair that differs is told with both sides; a payment that one side does not know counts as 0. */
function compare(left: ReadonlyMap<string, Totals>, right: ReadonlyMap<string, Totals>, young: ReadonlySet<string>): string[] {
  const ids = [...new Set([...left.keys(), ...right.keys()])].filter((id) => !young.has(id)).sort();
  return ids.flatMap((id) => {
    const [one, other] = [textOf(left.get(id)), textOf(right.get(id))];
    return one === other ? [] : [`payment ${id}: ${one} in payments, ${other} there`];
  });
}

function textOf(totals: Totals | undefined): string {
  return `${totals?.captured ?? '0'} captured and ${totals?.refunded ?? '0'} refunded`;
}

async function capturedPayments(ask: Ask): Promise<Map<string, Totals>> {
  const rows = await ask<Totals>(
    'payments',
    `select id, captured_minor::text as captured, refunded_minor::text as refunded from payments where captured_minor > 0 or refunded_minor > 0`,
  );
  return byId(rows);
}

/** Every capture and refund that was posted, less those that banks sent back; for cards the ledger follows payments, so its own rows may be the young ones. */
async function ledgerMovements(ask: Ask): Promise<Map<string, AgedTotals>> {
  const rows = await ask<AgedTotals>(
    'ledger',
    `select t.payment_id as id, coalesce(sum(t.amount_minor) filter (where ${IS_CAPTURE}), 0)::text as captured,
            coalesce(sum(case t.code when 'REFUND' then t.amount_minor when 'REFUND_RETURNED' then -t.amount_minor end), 0)::text as refunded, bool_or(not t.created_at ${SETTLED}) as "isYoung"
     from transfers t left join accounts d on d.id = t.debit_account_id
     where t.payment_id is not null and t.state = 'POSTED' and (${IS_CAPTURE} or t.code in ('REFUND', 'REFUND_RETURNED'))
     group by t.payment_id`,
  );
  return byId(rows);
}

async function orderTotals(ask: Ask): Promise<Map<string, AgedTotals>> {
  const rows = await ask<AgedTotals>(
    'orders',
    `select o.payment_id as id, o.captured_minor::text as captured, o.refunded_minor::text as refunded,
            not greatest(o.placed_at, h.at) ${SETTLED} as "isYoung"
     from orders o left join lateral (select max(at) as at from order_history where order_id = o.id) h on true
     where o.payment_id is not null`,
  );
  return byId(rows);
}

function byId<Row extends Totals>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}
