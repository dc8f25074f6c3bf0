/**
 * What must hold of the books, each as a query that answers one row per violation (`violation` as text). `infra/verify` holds the same rules
 * in words of its own: it must not believe what is proved here.
 */

export interface LedgerRule {
  readonly id: string;
  readonly title: string;
  readonly sql: string;
}

/** Each movement twice, as each of its accounts saw it; `pending` is +1 for a hold, -1 for what resolved one. */
const SIDES = `
  select t.debit_account_id as account_id, t.debit_sequence as sequence, t.debit_balance_after as balance_after,
         t.debit_available_after as available_after, t.amount_minor::numeric as amount, t.state, t.resolves, 'DEBIT' as side
  from transfers t where t.state <> 'REFUSED'
  union all
  select t.credit_account_id, t.credit_sequence, t.credit_balance_after, t.credit_available_after, t.amount_minor::numeric, t.state, t.resolves, 'CREDIT'
  from transfers t where t.state <> 'REFUSED'`;

const POSTED = `case when state = 'POSTED' then amount else 0 end`;
const PENDING = `case when state = 'PENDING' then amount when resolves is not null then -amount else 0 end`;

export const LEDGER_RULES: readonly LedgerRule[] = [
  {
    id: 'debits-equal-credits',
    title: 'I1: per currency, all debits equal all credits, posted and pending',
    sql: `select format('%s: posted %s debit, %s credit; pending %s debit, %s credit', currency, sum(debits_posted), sum(credits_posted), sum(debits_pending), sum(credits_pending)) as violation
      from accounts group by currency
      having sum(debits_posted) <> sum(credits_posted) or sum(debits_pending) <> sum(credits_pending)`,
  },
  {
    id: 'counters-fold',
    title: 'I3: the counters of every account are the fold of its transfers',
    sql: `with folded as (
        select account_id, coalesce(sum(${POSTED}) filter (where side = 'DEBIT'), 0) as dp, coalesce(sum(${POSTED}) filter (where side = 'CREDIT'), 0) as cp,
               coalesce(sum(${PENDING}) filter (where side = 'DEBIT'), 0) as dh, coalesce(sum(${PENDING}) filter (where side = 'CREDIT'), 0) as ch
        from (${SIDES}) s group by account_id)
      select format('account %s differs from its transfers', a.id) as violation
      from accounts a left join folded f on f.account_id = a.id
      where (a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending)
        is distinct from (coalesce(f.dp, 0), coalesce(f.cp, 0), coalesce(f.dh, 0), coalesce(f.ch, 0))`,
  },
  {
    id: 'sequences-gapless',
    title: 'I3: the sequence of every account counts its movements without a gap',
    sql: `with counted as (
        select account_id, count(*) as movements, count(distinct sequence) as distinct_sequences, min(sequence) as first, max(sequence) as last from (${SIDES}) s group by account_id)
      select format('account %s is at %s with %s movements from %s to %s', a.id, a.sequence, coalesce(c.movements, 0), c.first, c.last) as violation
      from accounts a left join counted c on c.account_id = a.id
      where a.sequence <> coalesce(c.movements, 0) or coalesce(c.distinct_sequences, 0) <> a.sequence or coalesce(c.first, 1) <> 1 or coalesce(c.last, 0) <> a.sequence`,
  },
  {
    id: 'balances-chained',
    title: 'I3: every balance after a movement is the balance before it and the movement',
    sql: `with chained as (
        select s.*, a.normal_side, lag(s.balance_after, 1, 0) over (partition by s.account_id order by s.sequence) as before
        from (${SIDES}) s join accounts a on a.id = s.account_id)
      select format('account %s at %s: %s follows %s', account_id, sequence, balance_after, before) as violation
      from chained where balance_after <> before + case when side = normal_side then 1 else -1 end * ${POSTED}`,
  },
  {
    id: 'floors-held',
    title: 'I2: no account is, or ever was, available below its floor',
    sql: `select format('account %s was at %s with a floor of %s', a.id, s.available_after, a.floor_minor) as violation
      from (${SIDES}) s join accounts a on a.id = s.account_id where a.floor_minor is not null and s.available_after < a.floor_minor`,
  },
  {
    id: 'holds-resolved-once',
    title: 'I2: every hold is open or resolved once, whole, between the same accounts',
    sql: `select format('hold %s: %s resolutions', h.id, count(r.id)) as violation
      from transfers h left join transfers r on r.resolves = h.id left join open_holds o on o.hold_id = h.id
      where h.state = 'PENDING' group by h.id, o.hold_id, h.amount_minor, h.debit_account_id, h.credit_account_id
      having count(r.id) + (o.hold_id is not null)::int <> 1
        or bool_or((r.amount_minor, r.debit_account_id, r.credit_account_id) is distinct from (h.amount_minor, h.debit_account_id, h.credit_account_id)) filter (where r.id is not null)`,
  },
  {
    id: 'facts-have-one-key',
    title: 'I6: every transfer belongs to exactly one key, whole, and in one state of acceptance',
    sql: `with named as (select k.scope, k.key, k.outcome, u.id from transfer_keys k cross join unnest(k.transfer_ids) as u (id))
      select format('transfer %s is named by %s keys', t.id, count(n.key)) as violation from transfers t left join named n on n.id = t.id group by t.id having count(n.key) <> 1
      union all
      select format('key %s names %s, which is not there or was decided otherwise', n.key, n.id) from named n left join transfers t on t.id = n.id
      where t.id is null or (t.state = 'REFUSED') <> (n.outcome = 'REFUSED')
      union all
      select format('linked group %s is not what its key names', t.linked_group) from transfers t join named n on n.id = t.id
      where t.linked_group is not null group by t.linked_group
      having count(distinct (n.scope, n.key)) <> 1
        or count(*) <> (select cardinality(k.transfer_ids) from transfer_keys k where (k.scope, k.key) = (min(n.scope), min(n.key)))`,
  },
];
