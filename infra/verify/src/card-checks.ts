import type { Ask } from './ask.ts';
import { type Check, sqlCheck } from './check.ts';
import { SETTLED, youngOf, youngPayments } from './settled.ts';

/** Money from outside: what payments say of a provider is what the ledger moved over that provider's clearing account. */

/** Payments that a provider took, or is to take: `a` is the attempt that the payment stands by. */
const OF_PROVIDERS = `payments p join payment_attempts a on a.id = p.current_attempt_id and a.provider is not null`;

const payments = (id: string, title: string, sql: string): Check => sqlCheck('payments', 'I6', id, title, sql);

export const cardChecks: readonly Check[] = [
  {
    invariant: 'I6',
    id: 'clearing-equals-payments',
    title:
      'per provider and currency, and of every payment: captured less refunded and disputed is what its clearing account moved, fees and what two people adjusted aside; so is money that came astray',
    run: async (ask, limit) => {
      const [believed, moved, young] = await Promise.all([balancesOfPayments(ask), clearingMovements(ask), youngPayments(ask)]);
      return compare(believed, moved, new Set([...young, ...youngOf(moved)])).slice(0, limit);
    },
  },
  payments(
    'refunds-and-disputes-within-captured',
    'what went back, is on its way back or counts as disputed was captured; beyond that, what was disputed is the platform’s',
    `select format('payment %s: %s refunded or on its way and %s of %s disputed count against %s captured', p.id, coalesce(r.minor, 0), p.disputed_minor, coalesce(d.minor, 0), p.captured_minor) as violation
     from payments p
     left join (select payment_id, sum(amount_minor) as minor from refunds where state <> 'FAILED' and asked_at is not null and stray_attempt_id is null group by payment_id) r on r.payment_id = p.id
     left join (select payment_id, sum(amount_minor) as minor from disputes where state in ('OPEN', 'LOST') group by payment_id) d on d.payment_id = p.id
     where coalesce(r.minor, 0) + p.disputed_minor > p.captured_minor or p.disputed_minor > coalesce(d.minor, 0)`,
  ),
  payments(
    'card-captures-posted',
    'every capture by a provider was asked of the ledger, and answered',
    `select format('payment %s: %s %s captured by %s, and the ledger has not answered that it knows', p.id, p.captured_minor, p.currency, a.provider) as violation
     from ${OF_PROVIDERS}
     where p.captured_minor > 0 and p.updated_at ${SETTLED} and not exists (
       select from ledger_commands c where c.payment_id = p.id and c.type = 'PostingRequested' and c.answer = 'PostingCompleted'
         and jsonb_path_exists(c.payload, '$.legs[*] ? (@.debit starts with "system:clearing." && (@.code == "ORDER_PAYMENT" || @.code == "TOP_UP"))'))`,
  ),
  {
    invariant: 'I6',
    id: 'card-refunds-resolved',
    title:
      'what the ledger held for a refund by a provider was posted when it succeeded, also where a bank sent it back since, and given back when it failed',
    run: async (ask, limit) => {
      const [refunds, ends] = await Promise.all([endedRefunds(ask), endsOfHolds(ask)]);
      return refunds.flatMap((refund) => wrongEnd(refund, ends)).slice(0, limit);
    },
  },
];

interface Balance extends Record<string, unknown> {
  readonly id: string;
  readonly provider: string;
  readonly currency: string;
  readonly minor: string;
}

function compare(believed: ReadonlyMap<string, Balance>, moved: ReadonlyMap<string, Balance>, young: ReadonlySet<string>): string[] {
  const keys = [...new Set([...believed.keys(), ...moved.keys()])].sort();
  return keys.flatMap((key) => {
    const [one, other] = [believed.get(key), moved.get(key)];
    const { id, provider, currency } = one ?? other ?? { id: key, provider: '', currency: '' };
    if (young.has(id) || (one?.minor ?? '0') === (other?.minor ?? '0')) return [];
    const account = `system:clearing.${provider}:${currency}`;
    return [`${id === '' ? 'no payment' : `payment ${id}`}: ${one?.minor ?? '0'} in payments, ${other?.minor ?? '0'} moved on ${account}`];
  });
}

/** What a provider must still have of each payment, before its fees. A dispute takes its whole amount, also beyond what is left of the capture. */
async function balancesOfPayments(ask: Ask): Promise<Map<string, Balance>> {
  const rows = await ask<Balance>(
    'payments',
    `select id, lower(provider) as provider, currency, sum(minor)::text as minor from (
       select p.id, a.provider, p.currency, p.captured_minor
         - (select coalesce(sum(r.amount_minor), 0) from refunds r where r.payment_id = p.id and r.state = 'SUCCEEDED' and r.destination = 'ORIGINAL' and r.stray_attempt_id is null) as minor
       from ${OF_PROVIDERS} where p.captured_minor > 0
       union all
       select p.id, a.provider, p.currency, e.amount_minor
         - (select coalesce(sum(r.amount_minor), 0) from refunds r where r.stray_attempt_id = a.id and r.state = 'SUCCEEDED')
       from payment_events e join payments p on p.id = e.payment_id join payment_attempts a on a.id = e.attempt_id where e.kind = 'STRAY_CAPTURED'
       union all
       select p.id, d.provider, p.currency, -d.amount_minor from disputes d join payments p on p.id = d.payment_id where d.state in ('OPEN', 'LOST')
     ) b group by id, lower(provider), currency`,
  );
  return byKey(rows);
}

/** Every movement of a clearing account, those of no payment under an empty id; without what was booked as an expense. */
async function clearingMovements(ask: Ask): Promise<Map<string, Balance & { readonly isYoung: boolean }>> {
  const rows = await ask<Balance & { readonly isYoung: boolean }>(
    'ledger',
    `select coalesce(s.payment_id, '') as id, substring(a.address from 'clearing[.]([a-z]+)') as provider, a.currency, sum(s.minor)::text as minor,
            bool_or(not s.created_at ${SETTLED}) as "isYoung"
     from (
       select debit_account_id as account_id, credit_account_id as other_id, amount_minor::numeric as minor, payment_id, code, created_at
       from transfers where state = 'POSTED'
       union all
       select credit_account_id, debit_account_id, -amount_minor::numeric, payment_id, code, created_at from transfers where state = 'POSTED'
     ) s join accounts a on a.id = s.account_id and a.kind = 'CLEARING' left join accounts o on o.id = s.other_id
     where not (s.code = 'PROVIDER_FEE' and o.kind = 'EXPENSES') and s.code <> 'ADJUSTMENT'
     group by coalesce(s.payment_id, ''), a.address, a.currency`,
  );
  return byKey(rows);
}

function byKey<Row extends Balance>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [`${row.provider} ${row.currency} ${row.id}`, row]));
}

interface EndedRefund extends Record<string, unknown> {
  readonly id: string;
  readonly state: 'SUCCEEDED' | 'RETURNED' | 'FAILED';
  readonly keys: readonly string[];
}

/**
 * Refunds that a provider has decided, with the fact keys under which the ledger was asked to hold their money. What somebody gave back at the provider
 * itself had happened before we knew: nothing was held for it, and the balances above tell whether it was booked.
 */
async function endedRefunds(ask: Ask): Promise<EndedRefund[]> {
  return ask<EndedRefund>(
    'payments',
    `select r.id, case when r.returned_at is null then r.state else 'RETURNED' end as state, array(
         select c.fact_key from ledger_commands c
         where c.payment_id = r.payment_id and c.refund_id = r.id and c.type = 'PostingRequested' and c.payload ->> 'pendingUntil' is not null) as keys
     from refunds r join payment_attempts a on a.id = coalesce(r.stray_attempt_id, (select p.current_attempt_id from payments p where p.id = r.payment_id))
     where a.provider is not null and r.destination = 'ORIGINAL' and r.requested_by not like 'provider:%' and r.state in ('SUCCEEDED', 'FAILED') and r.settled_at ${SETTLED} order by r.id`,
  );
}

/** What became of everything that was held as a refund, by fact key: the states of its legs, one unless something is wrong. */
async function endsOfHolds(ask: Ask): Promise<Map<string, readonly string[]>> {
  const rows = await ask<{ factKey: string; states: readonly string[] }>(
    'ledger',
    `select h.fact_key as "factKey", array_agg(distinct coalesce(r.state, 'OPEN')) as states
     from transfers h left join transfers r on r.resolves = h.id where h.state = 'PENDING' and h.code in ('REFUND', 'STRAY_REFUND') group by h.fact_key`,
  );
  return new Map(rows.map(({ factKey, states }) => [factKey, states]));
}

function wrongEnd({ id, state, keys }: EndedRefund, ends: ReadonlyMap<string, readonly string[]>): string[] {
  const states = [...new Set(keys.flatMap((key) => ends.get(key) ?? []))].sort();
  const isRight = state !== 'FAILED' ? states.join() === 'POSTED' : states.every((end) => end === 'VOIDED' || end === 'EXPIRED');
  return isRight ? [] : [`refund ${id} is ${state}, what was held for it is ${states.join(' and ') || 'nothing'}`];
}
