import { type Ask, type Check, sqlCheck } from './check.ts';

/** Facts of other stores are compared once they are this old: what is younger may still be on its way. */
const SETTLED_AFTER_SECONDS = 60;

const SETTLED = `< now() - interval '${SETTLED_AFTER_SECONDS} seconds'`;

interface Totals extends Record<string, unknown> {
  readonly id: string;
  readonly captured: string;
  readonly refunded: string;
}

export const paymentsChecks: readonly Check[] = [
  sqlCheck(
    'payments',
    'I6',
    'one-captured-payment-per-order',
    'no order was paid twice',
    `select format('order %s has %s captured payments', order_id, count(*)) as violation
     from payments where captured_minor > 0 group by order_id having count(*) > 1`,
  ),
  {
    invariant: 'I6',
    id: 'payments-equal-ledger',
    title: 'what payments captured and refunded is what the ledger moved for them',
    run: async (ask, limit) => {
      const [payments, young, moved] = await Promise.all([capturedPayments(ask), youngPayments(ask), ledgerMovements(ask)]);
      return compare(payments, moved, young).slice(0, limit);
    },
  },
  {
    invariant: 'I6',
    id: 'orders-equal-payments',
    title: 'what orders believe was captured and refunded is what payments say',
    run: async (ask, limit) => {
      const [payments, young, orders] = await Promise.all([capturedPayments(ask), youngPayments(ask), orderTotals(ask)]);
      const paid = new Map([...payments].filter(([id]) => orders.has(id)));
      const youngOnes = new Set([...young, ...[...orders].filter(([, { isYoung }]) => isYoung).map(([id]) => id)]);
      return compare(paid, orders, youngOnes).slice(0, limit);
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

async function youngPayments(ask: Ask): Promise<Set<string>> {
  const rows = await ask<{ id: string }>('payments', `select id from payments where not updated_at ${SETTLED}`);
  return new Set(rows.map(({ id }) => id));
}

/** A capture is a hold that was posted; a refund is what went back under that name. */
async function ledgerMovements(ask: Ask): Promise<Map<string, Totals>> {
  const rows = await ask<Totals>(
    'ledger',
    `select payment_id as id, coalesce(sum(amount_minor) filter (where resolves is not null), 0)::text as captured,
            coalesce(sum(amount_minor) filter (where code = 'REFUND'), 0)::text as refunded
     from transfers where payment_id is not null and state = 'POSTED' and (resolves is not null or code = 'REFUND') and created_at ${SETTLED}
     group by payment_id`,
  );
  return byId(rows);
}

async function orderTotals(ask: Ask): Promise<Map<string, Totals & { readonly isYoung: boolean }>> {
  const rows = await ask<Totals & { readonly isYoung: boolean }>(
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
