import type { BookEntry, Books } from '@tessera/stripe-simulator';
import type { World } from '../world/world.ts';

/** What each side has written down about every order, read once at rest. Amounts are minor units. */
export interface Facts {
  readonly orders: ReadonlyMap<string, OrderFact>;
  /** By order. */
  readonly payments: ReadonlyMap<string, PaymentFact>;
  readonly refunds: ReadonlyMap<string, RefundFact>;
  /** By payment: what the ledger moved over the provider's clearing account, fees aside; debits are positive. */
  readonly cleared: ReadonlyMap<string, bigint>;
  /** Of the provider, by payment. */
  readonly charges: ReadonlyMap<string, readonly BookEntry[]>;
  readonly givenBack: ReadonlyMap<string, readonly BookEntry[]>;
  readonly books: Books;
}

export interface OrderFact {
  readonly id: string;
  readonly state: string;
  readonly customer: string;
  readonly currency: string;
  readonly total: bigint;
  readonly captured: bigint;
  readonly refunded: bigint;
}

export interface PaymentFact {
  readonly id: string;
  readonly state: string;
  readonly provider: string | null;
  readonly captured: bigint;
  readonly refunding: bigint;
  readonly refunded: bigint;
  readonly attention: string | null;
  /** What came for attempts that were over, and how often. */
  readonly stray: bigint;
  readonly strays: bigint;
  /** What happened to it, in order, for whoever has to find out why. */
  readonly events: string;
}

export interface RefundFact {
  readonly id: string;
  readonly paymentId: string;
  readonly minor: bigint;
  readonly destination: string;
  readonly state: string;
  readonly isStray: boolean;
}

export async function readFacts({ databases, simulator }: World): Promise<Facts> {
  const [orders, payments, refunds, cleared, books] = await Promise.all([
    databases.ask<Texts<OrderFact>>('orders', ORDERS),
    databases.ask<Texts<PaymentFact> & { readonly order: string }>('payments', PAYMENTS),
    databases.ask<Texts<RefundFact>>('payments', REFUNDS),
    databases.ask<{ readonly id: string; readonly minor: string }>('ledger', CLEARED),
    simulator.books(),
  ]);
  return {
    orders: new Map(orders.map((row) => [row.id, { ...row, ...minors(row, ['total', 'captured', 'refunded']) }])),
    payments: new Map(
      payments.map((row) => [row.order, { ...row, ...minors(row, ['captured', 'refunding', 'refunded', 'stray', 'strays']) }]),
    ),
    refunds: new Map(refunds.map((row) => [row.id, { ...row, ...minors(row, ['minor']) }])),
    cleared: new Map(cleared.map(({ id, minor }) => [id, BigInt(minor)])),
    charges: byPayment(books.charges),
    givenBack: byPayment(books.refunds),
    books,
  };
}

/** As a database answers: large numbers are texts. */
type Texts<T> = { readonly [Key in keyof T]: T[Key] extends bigint ? string : T[Key] };

const ORDERS = `select id, state, customer_id as customer, currency, total_minor as total, captured_minor as captured, refunded_minor as refunded from orders`;

const PAYMENTS = `
  select p.id, p.order_id as order, p.state, a.provider, p.captured_minor as captured, p.refunding_minor as refunding,
         p.refunded_minor as refunded, p.attention_reason as attention, s.minor as stray, s.count as strays,
         (select string_agg(concat_ws(' ', to_char(e.occurred_at, 'MI:SS.MS'), e.kind, e.reason), ', ' order by e.sequence)
          from payment_events e where e.payment_id = p.id) as events
  from payments p join payment_attempts a on a.id = p.current_attempt_id
  cross join lateral (select coalesce(sum(amount_minor), 0)::text as minor, count(*)::text as count
    from payment_events where payment_id = p.id and kind = 'STRAY_CAPTURED') s
  where p.order_id is not null`;

const REFUNDS = `select id, payment_id as "paymentId", amount_minor as minor, destination, state, stray_attempt_id is not null as "isStray" from refunds`;

const CLEARED = `
  select t.payment_id as id, sum(case when d.address like 'system:clearing.stripe:%' then t.amount_minor else -t.amount_minor end)::text as minor
  from transfers t join accounts d on d.id = t.debit_account_id join accounts c on c.id = t.credit_account_id
  where t.state = 'POSTED' and t.payment_id is not null and t.code <> 'PROVIDER_FEE'
    and (d.address like 'system:clearing.stripe:%' or c.address like 'system:clearing.stripe:%')
  group by t.payment_id`;

function minors<Key extends string>(row: Readonly<Record<Key, string>>, keys: readonly Key[]): Record<Key, bigint> {
  return Object.fromEntries(keys.map((key) => [key, BigInt(row[key])])) as Record<Key, bigint>; // one entry per key
}

function byPayment(entries: readonly BookEntry[]): Map<string, BookEntry[]> {
  const found = new Map<string, BookEntry[]>();
  for (const entry of entries) {
    const id = entry.metadata.payment_id ?? `unknown: ${entry.id}`;
    found.set(id, [...(found.get(id) ?? []), entry]);
  }
  return found;
}
