import { type Check, sqlCheck } from './check.ts';

/** Each movement twice, as each of its accounts saw it. A refused transfer moved nothing. */
const sides = `
  select debit_account_id as account_id, 'DEBIT' as side, debit_sequence as sequence, debit_balance_after as balance_after,
         debit_available_after as available_after, amount_minor::numeric as amount,
         coalesce(released_minor, amount_minor)::numeric as released, state, resolves
  from transfers where state <> 'REFUSED'
  union all
  select credit_account_id, 'CREDIT', credit_sequence, credit_balance_after, credit_available_after, amount_minor::numeric,
         coalesce(released_minor, amount_minor)::numeric, state, resolves
  from transfers where state <> 'REFUSED'`;

const posted = `(case when state = 'POSTED' then amount else 0 end)`;
const pending = `(case when state = 'PENDING' then amount when resolves is not null then -released else 0 end)`;
const ledger = (invariant: string, id: string, title: string, sql: string): Check => sqlCheck('ledger', invariant, id, title, sql);

export const ledgerChecks: readonly Check[] = [
  ledger(
    'I1',
    'debits-equal-credits',
    'per currency, all debits equal all credits, posted and pending',
    `select format('%s: posted %s debit, %s credit; pending %s debit, %s credit', currency,
         sum(debits_posted), sum(credits_posted), sum(debits_pending), sum(credits_pending)) as violation
     from accounts group by currency
     having sum(debits_posted) <> sum(credits_posted) or sum(debits_pending) <> sum(credits_pending)`,
  ),
  ledger(
    'I1',
    'inside-equals-outside',
    'per currency, what is owed inside equals what came in from outside',
    `select format('%s: %s inside, %s from outside', currency, inside, outside) as violation from (
       select currency,
         coalesce(sum(credits_posted::numeric - debits_posted) filter (where kind in ('WALLET', 'PAYABLE', 'ESCROW', 'FEES')), 0) as inside,
         coalesce(sum(debits_posted::numeric - credits_posted) filter (where kind in ('BANK', 'CLEARING', 'EXPENSES', 'DISPUTES')), 0) as outside
       from accounts group by currency) totals where inside <> outside`,
  ),
  ledger(
    'I2',
    'floors-held',
    'no account is, or ever was, available below its floor',
    `select format('account %s was at %s with a floor of %s', a.id, s.available_after, a.floor_minor) as violation
     from (${sides}) s join accounts a on a.id = s.account_id where s.available_after < a.floor_minor
     union all
     select format('account %s holds more than it has', id) from accounts
     where floor_minor is not null and floor_minor >
       case normal_side when 'CREDIT' then credits_posted::numeric - debits_posted - debits_pending else debits_posted::numeric - credits_posted - credits_pending end`,
  ),
  ledger(
    'I2',
    'limits-counted',
    'what is used of every limit of a day is what was sent on it',
    `select format('%s has used %s %s on %s, and has sent %s', l.owner_id, l.used_minor, l.currency, l.used_on, coalesce(sum(t.amount_minor), 0)) as violation
     from user_limits l join accounts a on a.owner_id = l.owner_id and a.currency = l.currency and a.kind = 'WALLET'
     left join transfers t on t.debit_account_id = a.id and t.code = 'TRANSFER' and t.state = 'POSTED'
       and t.created_at >= l.used_on::timestamp at time zone 'UTC' and t.created_at < (l.used_on + 1)::timestamp at time zone 'UTC'
     where l.per_day_minor is not null
     group by l.owner_id, l.currency, l.used_minor, l.used_on having l.used_minor <> coalesce(sum(t.amount_minor), 0)`,
  ),
  ledger(
    'I2',
    'holds-resolved-once',
    'every hold is open, or resolved once, whole or posted in part, between the same accounts',
    `select format('hold %s has %s resolutions and is %s the list of open holds', h.id, count(r.id), case when o.hold_id is null then 'not in' else 'in' end) as violation
     from transfers h left join transfers r on r.resolves = h.id left join open_holds o on o.hold_id = h.id
     where h.state = 'PENDING' group by h.id, o.hold_id
     having count(r.id) + (o.hold_id is not null)::int <> 1
     union all
     select format('%s resolves hold %s with another amount or other accounts', r.id, h.id) from transfers r join transfers h on h.id = r.resolves
     where (coalesce(r.released_minor, r.amount_minor), r.debit_account_id, r.credit_account_id, r.currency) is distinct from (h.amount_minor, h.debit_account_id, h.credit_account_id, h.currency)
        or (r.state <> 'POSTED' and r.amount_minor <> h.amount_minor) or r.amount_minor > h.amount_minor
        or h.state <> 'PENDING'`,
  ),
  ledger(
    'I3',
    'counters-fold',
    'the counters of every account are the fold of its transfers',
    `select format('account %s counts %s/%s posted and %s/%s pending, its transfers %s/%s and %s/%s', a.id, a.debits_posted, a.credits_posted,
         a.debits_pending, a.credits_pending, coalesce(f.dp, 0), coalesce(f.cp, 0), coalesce(f.dh, 0), coalesce(f.ch, 0)) as violation
     from accounts a left join (
       select account_id, sum(${posted}) filter (where side = 'DEBIT') as dp, sum(${posted}) filter (where side = 'CREDIT') as cp,
              sum(${pending}) filter (where side = 'DEBIT') as dh, sum(${pending}) filter (where side = 'CREDIT') as ch
       from (${sides}) s group by account_id) f on f.account_id = a.id
     where (a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending)
       is distinct from (coalesce(f.dp, 0), coalesce(f.cp, 0), coalesce(f.dh, 0), coalesce(f.ch, 0))`,
  ),
  ledger(
    'I3',
    'sequences-gapless',
    'the sequence of every account counts its movements, each once',
    `select format('account %s is at %s after %s movements (%s different, %s to %s)', a.id, a.sequence, coalesce(c.all_of, 0), coalesce(c.different, 0), c.first, c.last) as violation
     from accounts a left join (
       select account_id, count(*) as all_of, count(distinct sequence) as different, min(sequence) as first, max(sequence) as last
       from (${sides}) s group by account_id) c on c.account_id = a.id
     where (a.sequence, a.sequence, a.sequence) is distinct from (coalesce(c.all_of, 0), coalesce(c.different, 0), coalesce(c.last, 0)) or c.first <> 1`,
  ),
  ledger(
    'I3',
    'balances-chained',
    'every balance and available amount follows from the one before it',
    `select format('account %s at %s: %s follows %s', account_id, sequence, balance_after, balance_before) as violation from (
       select s.*, a.normal_side,
         lag(balance_after, 1, 0) over moves as balance_before,
         lag(available_after, 1, 0) over moves as available_before
       from (${sides}) s join accounts a on a.id = s.account_id
       window moves as (partition by s.account_id order by s.sequence)) chained
     where balance_after <> balance_before + (case when side = normal_side then 1 else -1 end) * ${posted}
        or available_after <> available_before + (case when side = normal_side then ${posted} else -${posted} - ${pending} end)`,
  ),
  ledger(
    'I6',
    'facts-have-one-key',
    'every transfer belongs to one key, and every key has all its transfers',
    `select format('transfer %s is named by %s keys', t.id, count(n.key)) as violation
     from transfers t left join (select key, unnest(transfer_ids) as id from transfer_keys) n on n.id = t.id group by t.id having count(n.key) <> 1
     union all
     select format('key %s of %s names %s, which is not there or was decided otherwise', n.key, n.scope, n.id)
     from (select scope, key, outcome, unnest(transfer_ids) as id from transfer_keys) n left join transfers t on t.id = n.id
     where t.id is null or (t.state = 'REFUSED') <> (n.outcome = 'REFUSED')`,
  ),
  ledger(
    'I6',
    'linked-groups-whole',
    'linked transfers are there all together, under one key',
    `select format('key %s of %s: %s transfers in %s groups', k.key, k.scope, cardinality(k.transfer_ids), count(distinct coalesce(t.linked_group, t.id))) as violation
     from transfer_keys k join transfers t on t.id = any(k.transfer_ids)
     group by k.scope, k.key, k.transfer_ids
     having count(distinct coalesce(t.linked_group, t.id)) <> 1 or count(*) <> cardinality(k.transfer_ids)
     union all
     select format('linked group %s spans several keys', t.linked_group)
     from transfers t join (select scope, key, unnest(transfer_ids) as id from transfer_keys) n on n.id = t.id
     where t.linked_group is not null group by t.linked_group having count(distinct (n.scope, n.key)) <> 1`,
  ),
];
