import type { World } from '../world/world.ts';
import type { Facts } from './facts.ts';

/** Of one currency, in minor units: charged − refunded − fees = net. */
export interface Book {
  readonly charged: bigint;
  readonly refunded: bigint;
  readonly fees: bigint;
  readonly net: bigint;
}

export interface ThreeBooks {
  readonly currency: string;
  readonly provider: Book;
  readonly payments: Book;
  readonly ledger: Book;
  readonly isEqual: boolean;
}

const NOTHING: Book = { charged: 0n, refunded: 0n, fees: 0n, net: 0n };

/** The provider's books, what payments believes, and what the ledger booked: to the cent, or the run has failed. */
export async function threeBooks({ databases }: World, { books }: Facts): Promise<ThreeBooks[]> {
  const [payments, ledger] = await Promise.all([
    databases.ask<BookRow>('payments', OF_PAYMENTS),
    databases.ask<BookRow>('ledger', OF_LEDGER),
  ]);
  const currencies = new Set([
    ...Object.keys(books.currencies).map((code) => code.toUpperCase()),
    ...codesOf(payments),
    ...codesOf(ledger),
  ]);
  return [...currencies].sort().map((currency) => {
    const totals = books.currencies[currency.toLowerCase()];
    const provider = totals
      ? { charged: BigInt(totals.charged), refunded: BigInt(totals.refunded), fees: BigInt(totals.fees), net: BigInt(totals.net) }
      : NOTHING;
    const sides = { provider, payments: bookOf(payments, currency), ledger: bookOf(ledger, currency) };
    return { currency, ...sides, isEqual: isSame(provider, sides.payments) && isSame(provider, sides.ledger) };
  });
}

interface BookRow {
  readonly currency: string;
  readonly charged: string;
  readonly refunded: string;
  readonly fees: string;
  readonly net: string;
}

/** The net is what the rest comes to: payments keeps no balance. */
const OF_PAYMENTS = `
  select currency, charged::text, refunded::text, fees::text, (charged - refunded - fees)::text as net
  from (
    select p.currency, sum(case when a.provider = 'STRIPE' then p.captured_minor else 0 end + s.minor) as charged,
      coalesce(sum((select sum(r.amount_minor) from refunds r where r.payment_id = p.id and r.state = 'SUCCEEDED'
        and r.destination = 'ORIGINAL' and (a.provider = 'STRIPE' or r.stray_attempt_id is not null))), 0) as refunded,
      coalesce(sum((select sum(f.fee_minor) from payment_attempts f where f.payment_id = p.id and f.charge_id is not null)), 0) as fees
    from payments p join payment_attempts a on a.id = p.current_attempt_id
    cross join lateral (select coalesce(sum(amount_minor), 0) as minor from payment_events where payment_id = p.id and kind = 'STRAY_CAPTURED') s
    where a.provider = 'STRIPE' and p.captured_minor > 0 or s.minor > 0 group by p.currency) totals`;

/** The net is the account's own balance. */
const OF_LEDGER = `
  select a.currency,
    coalesce(sum(t.amount_minor) filter (where t.debit_account_id = a.id and t.code <> 'PROVIDER_FEE' and t.code not like '%RETURNED'), 0)::text as charged,
    coalesce(sum(case when t.code like '%RETURNED' then -t.amount_minor when t.credit_account_id = a.id then t.amount_minor end)
      filter (where t.code <> 'PROVIDER_FEE'), 0)::text as refunded,
    coalesce(sum(t.amount_minor * case when t.credit_account_id = a.id then 1 else -1 end) filter (where t.code = 'PROVIDER_FEE'), 0)::text as fees,
    (a.debits_posted - a.credits_posted)::text as net
  from accounts a left join transfers t on t.state = 'POSTED' and a.id in (t.debit_account_id, t.credit_account_id)
  where a.address like 'system:clearing.stripe:%' group by a.id`;

function bookOf(rows: readonly BookRow[], currency: string): Book {
  const row = rows.find((one) => one.currency === currency);
  if (!row) return NOTHING;
  return { charged: BigInt(row.charged), refunded: BigInt(row.refunded), fees: BigInt(row.fees), net: BigInt(row.net) };
}

function isSame(left: Book, right: Book): boolean {
  return left.charged === right.charged && left.refunded === right.refunded && left.fees === right.fees && left.net === right.net;
}

function codesOf(rows: readonly BookRow[]): string[] {
  return rows.map(({ currency }) => currency);
}
