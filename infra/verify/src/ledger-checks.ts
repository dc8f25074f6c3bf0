import { type Check, type LedgerRule, ledgerCheck } from './check.ts';
import { available, availableChange, balance, balanceChange, joinPrior, pending, posted, sides } from './ledger-sides.ts';
import { type Window, within } from './window.ts';

const rules: readonly LedgerRule[] = [
  {
    invariant: 'I1',
    id: 'debits-equal-credits',
    title: 'per currency, all debits equal all credits, posted and pending',
    sql: () => `
      select format('%s: posted %s debit, %s credit; pending %s debit, %s credit', currency,
        sum(debits_posted), sum(credits_posted), sum(debits_pending), sum(credits_pending)) as violation
      from accounts group by currency
      having sum(debits_posted) <> sum(credits_posted) or sum(debits_pending) <> sum(credits_pending)`,
  },
  {
    invariant: 'I1',
    id: 'inside-equals-outside',
    title: 'per currency, what is owed inside equals what came in from outside',
    sql: () => `
      select format('%s: %s inside, %s from outside', currency, inside, outside) as violation from (
        select currency,
          coalesce(sum(credits_posted::numeric - debits_posted) filter (where kind in ('WALLET', 'PAYABLE', 'ESCROW', 'FEES')), 0) as inside,
          coalesce(sum(debits_posted::numeric - credits_posted) filter (where kind in ('BANK', 'CLEARING', 'EXPENSES', 'DISPUTES')), 0) as outside
        from accounts group by currency) totals where inside <> outside`,
  },
  {
    invariant: 'I2',
    id: 'floors-held',
    title: 'no account is, or ever was, available below its floor, which every wallet and every escrow has',
    sql: (window) => `
      select format('account %s is a %s with a floor of %s', id, kind, coalesce(floor_minor::text, 'nothing')) as violation
      from accounts where floor_minor is distinct from case when kind in ('WALLET', 'ESCROW') then 0 end
      union all
      select format('account %s was at %s with a floor of %s', a.id, s.available_after, a.floor_minor) as violation
      from (${sides(window)}) s join accounts a on a.id = s.account_id where s.available_after < a.floor_minor
      union all
      select format('account %s holds more than it has', id) from accounts a where floor_minor is not null and floor_minor > ${available}`,
  },
  {
    invariant: 'I2',
    id: 'limits-counted',
    title: 'what is used of every limit of a day is what was sent to others on it; of a limit of the house, as long as it was counted',
    sql: () => `
      select format('%s has used %s %s on %s, and has sent %s', l.owner_id, l.used_minor, l.currency, l.used_on, coalesce(sum(t.amount_minor), 0)) as violation
      from user_limits l join accounts a on a.owner_id = l.owner_id and a.currency = l.currency and a.kind = 'WALLET'
      left join transfers t on t.debit_account_id = a.id and t.code in ('TRANSFER', 'SCHEDULED') and t.state = 'POSTED'
        and t.created_at >= l.used_on::timestamp at time zone 'UTC' and t.created_at < (l.used_on + 1)::timestamp at time zone 'UTC'
        and (l.is_own or t.created_at <= coalesce(l.counted_until, 'infinity'))
        and not exists (select from accounts own where own.id = t.credit_account_id and own.kind = 'WALLET' and own.owner_id = l.owner_id)
      where l.per_day_minor is not null or not l.is_own
      group by l.owner_id, l.currency, l.used_minor, l.used_on having l.used_minor <> coalesce(sum(t.amount_minor), 0)`,
  },
  {
    invariant: 'I2',
    id: 'holds-resolved-once',
    title: 'every hold is open, or resolved once, whole or posted in part, between the same accounts',
    sql: holds,
    gate: (seed) => `
      with held as (
        select count(*) as count, sum(hashtextextended(concat_ws(chr(31), id, amount_minor, debit_account_id, credit_account_id, currency), ${seed})) as sum
        from transfers where state = 'PENDING'
      ), resolved as (
        select count(*) as count,
          sum(hashtextextended(concat_ws(chr(31), resolves, coalesce(released_minor, amount_minor), debit_account_id, credit_account_id, currency), ${seed})) as sum,
          bool_and(amount_minor <= coalesce(released_minor, amount_minor) and (state = 'POSTED' or amount_minor = coalesce(released_minor, amount_minor))) as is_whole
        from transfers where resolves is not null
      ), open as (
        select count(*) as count,
          sum(hashtextextended(concat_ws(chr(31), hold_id, h.amount_minor, h.debit_account_id, h.credit_account_id, h.currency), ${seed})) as sum
        from open_holds o left join transfers h on h.id = o.hold_id and h.state = 'PENDING'
      )
      select held.count = resolved.count + open.count and coalesce(held.sum, 0) = coalesce(resolved.sum, 0) + coalesce(open.sum, 0)
        and coalesce(resolved.is_whole, true) as holds from held, resolved, open`,
  },
  {
    invariant: 'I3',
    id: 'counters-fold',
    title: 'the counters of every account are the fold of its transfers; in a window: its balance is that after its last one',
    sql: (window) => (window ? lastBalances(window) : FOLD),
  },
  {
    invariant: 'I3',
    id: 'sequences-gapless',
    title: 'the sequence of every account counts its movements, each once',
    sql: sequences,
    gate: (seed) => `
      select not exists (
        select from accounts a left join (
          select account_id, sum(${stepHash('sequence', seed)} - ${stepHash('sequence - 1', seed)}) as sum from (${sides(null)}) s group by account_id) c
          on c.account_id = a.id
        where coalesce(c.sum, 0) <> ${stepHash('a.sequence', seed)} - ${stepHash('0', seed)}) as holds`,
  },
  {
    invariant: 'I3',
    id: 'balances-chained',
    title: 'every balance and available amount follows from the one before it',
    sql: chained,
    // Every movement leads from one state of its account to the next; if all of them form one way, what is between its ends cancels out.
    gate: (seed) => `
      select not exists (
        select from accounts a left join (
          select account_id, sum(${stateHash('sequence', 'balance_after', 'available_after', seed)}
            - ${stateHash('sequence - 1', `balance_after - ${balanceChange}`, `available_after - ${availableChange}`, seed)}) as sum
          from (${sides(null)}) s join (select id, normal_side from accounts) n on n.id = s.account_id group by account_id) c on c.account_id = a.id
        where coalesce(c.sum, 0) <> ${stateHash('a.sequence', balance, available, seed)} - ${stateHash('0', '0', '0', seed)}) as holds`,
  },
];

export const ledgerChecks: readonly Check[] = rules.map(ledgerCheck);

/** A hash as a number whose differences cannot overflow. */
function stepHash(sequence: string, seed: number): string {
  return `(hashint8extended(${sequence}, ${seed}) >> 1)`;
}

function stateHash(sequence: string, balanceMinor: string, availableMinor: string, seed: number): string {
  const amounts = `hash_numeric_extended((${balanceMinor})::numeric, hash_numeric_extended((${availableMinor})::numeric, ${seed}))`;
  return `(hashint8extended(${sequence}, ${amounts}) >> 1)`;
}

function holds(window: Window | null): string {
  const touched = window
    ? `in (select id from transfers where state = 'PENDING' and ${within(window)} union all select resolves from transfers where resolves is not null and ${within(window)})`
    : 'is not null';
  return `
    select format('hold %s has %s resolutions and is %s the list of open holds', h.id, count(r.id), case when o.hold_id is null then 'not in' else 'in' end) as violation
    from transfers h left join transfers r on r.resolves = h.id left join open_holds o on o.hold_id = h.id
    where h.state = 'PENDING' and h.id ${touched} group by h.id, o.hold_id
    having count(r.id) + (o.hold_id is not null)::int <> 1
    union all
    select format('%s resolves hold %s with another amount or other accounts, or what is no hold', r.id, r.resolves)
    from transfers r left join transfers h on h.id = r.resolves
    where r.resolves is not null and ${within(window, 'r.')} and (
      (coalesce(r.released_minor, r.amount_minor), r.debit_account_id, r.credit_account_id, r.currency) is distinct from (h.amount_minor, h.debit_account_id, h.credit_account_id, h.currency)
      or (r.state <> 'POSTED' and r.amount_minor <> h.amount_minor) or r.amount_minor > h.amount_minor or h.state <> 'PENDING')
    union all
    select format('%s is in the list of open holds and is none', o.hold_id)
    from open_holds o where not exists (select from transfers h where h.id = o.hold_id and h.state = 'PENDING')`;
}

const FOLD = `
  select format('account %s counts %s/%s posted and %s/%s pending, its transfers %s/%s and %s/%s', a.id, a.debits_posted, a.credits_posted,
    a.debits_pending, a.credits_pending, coalesce(f.dp, 0), coalesce(f.cp, 0), coalesce(f.dh, 0), coalesce(f.ch, 0)) as violation
  from accounts a left join (
    select account_id, sum(${posted}) filter (where side = 'DEBIT') as dp, sum(${posted}) filter (where side = 'CREDIT') as cp,
           sum(${pending}) filter (where side = 'DEBIT') as dh, sum(${pending}) filter (where side = 'CREDIT') as ch
    from (${sides(null)}) s group by account_id) f on f.account_id = a.id
  where (a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending)
    is distinct from (coalesce(f.dp, 0), coalesce(f.cp, 0), coalesce(f.dh, 0), coalesce(f.ch, 0))`;

function lastBalances(window: Window): string {
  return `
    select format('account %s has %s, %s available; after its last movement it had %s, %s available', a.id, ${balance}, ${available}, s.balance_after, s.available_after) as violation
    from (select distinct on (account_id) * from (${sides(window)}) every_side order by account_id, sequence desc) s join accounts a on a.id = s.account_id
    where (${balance}, ${available}) is distinct from (s.balance_after, s.available_after)`;
}

function sequences(window: Window | null): string {
  return `
    select format('account %s is at %s after %s movements (%s different, %s to %s)', a.id, a.sequence, coalesce(c.all_of, 0), coalesce(c.different, 0), c.first, c.last) as violation
    from accounts a ${window ? 'join' : 'left join'} (
      select account_id, count(*) as all_of, count(distinct sequence) as different, min(sequence) as first, max(sequence) as last, min(created_at) as first_at
      from (${sides(window)}) s group by account_id) c on c.account_id = a.id
    ${joinPrior(window, { account: 'a.id', sequence: 'c.first', at: 'c.first_at' })}
    where a.sequence <> coalesce(c.last, 0) or coalesce(prior_sequence, 0) <> coalesce(c.first, 1) - 1
      or coalesce(c.all_of, 0) <> coalesce(c.different, 0) or coalesce(c.all_of, 0) <> coalesce(c.last - c.first + 1, 0)`;
}

function chained(window: Window | null): string {
  return `
    select format('account %s at %s: %s follows %s', account_id, sequence, balance_after, coalesce(balance_before, prior_balance, 0)) as violation from (
      select s.*, a.normal_side, lag(balance_after) over moves as balance_before, lag(available_after) over moves as available_before
      from (${sides(window)}) s join accounts a on a.id = s.account_id
      window moves as (partition by s.account_id order by s.sequence)) m
    ${joinPrior(window, { account: 'm.account_id', sequence: 'm.sequence', at: 'm.created_at', isFirst: 'm.balance_before is null' })}
    where balance_after <> coalesce(balance_before, prior_balance, 0) + ${balanceChange}
       or available_after <> coalesce(available_before, prior_available, 0) + ${availableChange}`;
}
