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
         t.debit_available_after as available_after, t.amount_minor::numeric as amount, coalesce(t.released_minor, t.amount_minor)::numeric as released,
         t.state, t.resolves, 'DEBIT' as side
  from transfers t where t.state <> 'REFUSED'
  union all
  select t.credit_account_id, t.credit_sequence, t.credit_balance_after, t.credit_available_after, t.amount_minor::numeric,
         coalesce(t.released_minor, t.amount_minor)::numeric, t.state, t.resolves, 'CREDIT'
  from transfers t where t.state <> 'REFUSED'`;

const POSTED = `case when state = 'POSTED' then amount else 0 end`;
const PENDING = `case when state = 'PENDING' then amount when resolves is not null then -released else 0 end`;

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
    title: 'I2: every hold is open or resolved once, whole or posted in part, between the same accounts',
    sql: `select format('hold %s: %s resolutions', h.id, count(r.id)) as violation
      from transfers h left join transfers r on r.resolves = h.id left join open_holds o on o.hold_id = h.id
      where h.state = 'PENDING' group by h.id, o.hold_id, h.amount_minor, h.debit_account_id, h.credit_account_id
      having count(r.id) + (o.hold_id is not null)::int <> 1
        or bool_or((coalesce(r.released_minor, r.amount_minor), r.debit_account_id, r.credit_account_id) is distinct from (h.amount_minor, h.debit_account_id, h.credit_account_id)
          or (r.state <> 'POSTED' and r.amount_minor <> h.amount_minor)) filter (where r.id is not null)`,
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
  {
    id: 'transfers-fit-accounts',
    title: 'I11: both accounts of every movement exist and are of its currency',
    sql: `select format('transfer %s of %s between %s and %s', t.id, t.currency, t.debit_account_id, t.credit_account_id) as violation
      from transfers t left join accounts d on d.id = t.debit_account_id left join accounts c on c.id = t.credit_account_id
      where d.id is null or c.id is null or (t.state <> 'REFUSED' and (d.currency <> t.currency or c.currency <> t.currency))`,
  },
  {
    id: 'time-goes-on',
    title: 'I3: along every account time never runs backwards',
    sql: `select format('account %s: %s is older than the one before it', account_id, sequence) as violation from (
        select account_id, sequence, created_at, lag(created_at) over (partition by account_id order by sequence) as before from (
          select debit_account_id as account_id, debit_sequence as sequence, created_at from transfers where state <> 'REFUSED'
          union all select credit_account_id, credit_sequence, created_at from transfers where state <> 'REFUSED') s) ordered
      where created_at < before`,
  },
  {
    id: 'once-only',
    title: 'I6: what resolves a hold or reverses a transfer is on the list that allows it once',
    sql: `select format('%s resolves %s, the list says %s', t.id, coalesce(t.resolves, r.hold_id), r.transfer_id) as violation
      from (select id, resolves from transfers where resolves is not null) t full join hold_resolutions r on r.hold_id = t.resolves where t.id is distinct from r.transfer_id
      union all
      select format('%s reverses %s, the list says %s', t.id, coalesce(t.reverses, r.reversed_id), r.transfer_id)
      from (select id, reverses from transfers where reverses is not null and state = 'POSTED') t full join reversals r on r.reversed_id = t.reverses
      where t.id is distinct from r.transfer_id`,
  },
  {
    id: 'keys-in-place',
    title: 'I6: every key is at the place that its hash names',
    sql: `select format('key %s of %s', key, scope) as violation from transfer_keys
      where key_hash <> encode(substr(sha256(convert_to(scope, 'UTF8') || decode('00', 'hex') || convert_to(key, 'UTF8')), 1, 16), 'hex')::uuid`,
  },
  {
    id: 'batches-whole',
    title: 'I3: the digest of every batch is that of its transfers',
    sql: `with computed as (
        select batch_id, count(*) as transfers, sha256(convert_to(string_agg(array_to_string(array[id, fact_key, linked_group, debit_account_id, credit_account_id, amount_minor::text, currency, state, code, note, reason,
           debit_sequence::text, credit_sequence::text, debit_balance_after::text, credit_balance_after::text, debit_available_after::text,
           credit_available_after::text, to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), resolves, released_minor::text, reverses,
           order_id, payment_id, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), actor, traceparent, batch_id::text], chr(31), chr(30)), chr(10) order by id collate "C"), 'UTF8')) as digest
        from transfers where batch_id is not null group by batch_id)
      select format('batch %s: %s transfers, %s expected', coalesce(b.id, c.batch_id), coalesce(c.transfers, 0), b.transfer_count) as violation
      from ledger_batches b full join computed c on c.batch_id = b.id
      where b.digest is distinct from c.digest or b.transfer_count is distinct from c.transfers`,
  },
  {
    id: 'chain-verifies',
    title: 'I3: every seal follows from the one before it and the digest of its batch',
    sql: `select format('seal %s of batch %s', ordinal, batch_id) as violation from (
        select s.ordinal, s.batch_id, s.chain, b.digest, lag(s.chain, 1, ''::bytea) over (order by s.ordinal) as before, row_number() over (order by s.ordinal) as place
        from ledger_seals s left join ledger_batches b on b.id = s.batch_id) linked
      where chain is distinct from sha256(before || int8send(batch_id) || digest) or ordinal <> place`,
  },
  {
    id: 'subtotals-fold',
    title: 'I1: the newest subtotals of the trial balance are the sum of all transfers before them',
    sql: `with newest as (select max(until_at) as until_at from trial_balance_subtotals),
        counted as (
          select a.kind, a.currency, sum(s.first) as accounts, sum(s.debit) as debits, sum(s.credit) as credits
          from (
            select debit_account_id as account_id, (debit_sequence = 1)::int as first, case state when 'POSTED' then amount_minor else 0 end as debit, 0 as credit
            from transfers, newest where state <> 'REFUSED' and created_at < until_at
            union all
            select credit_account_id, (credit_sequence = 1)::int, 0, case state when 'POSTED' then amount_minor else 0 end
            from transfers, newest where state <> 'REFUSED' and created_at < until_at) s
          join accounts a on a.id = s.account_id group by a.kind, a.currency)
      select format('%s of %s: %s debited and %s credited, the subtotals say %s and %s', coalesce(c.kind, t.kind), coalesce(c.currency, t.currency), c.debits,
        c.credits, t.debits, t.credits) as violation
      from counted c full join (select t.* from trial_balance_subtotals t join newest using (until_at)) t on t.kind = c.kind and t.currency = c.currency
      where (c.accounts, c.debits, c.credits) is distinct from (t.accounts, t.debits, t.credits)`,
  },
];
