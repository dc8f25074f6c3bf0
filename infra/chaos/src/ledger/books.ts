import type { Line } from './line.ts';
import type { Query } from './world.ts';

/** What the books must say of everything behind a line, in SQL that answers what is wrong as `what`. */
const RULES: readonly string[] = [
  /** Beside what moved, which `verify` looks at: each step of a hold is told once, and each refusal, where no service asks for an answer again. */
  `with told as (
      select aggregate_id as about, case when type like '%Refused' then 'Refused' else type end as type, count(*) as count
      from outbox where ordinal > (select event from line) and type <> 'TransferPosted' group by 1, 2),
    happened as (
      select coalesce(resolves, id) as about, case when resolves is null then 'HoldPlaced' else 'Hold' || initcap(state) end as type, count(*) as count
      from transfers where batch_id > (select batch from line) and (state = 'PENDING' or resolves is not null) group by 1, 2
      union all
      select key, 'Refused', count(*) from transfer_keys where batch_id > (select batch from line) and outcome = 'REFUSED' group by key)
  select format('%s of %s: happened %s times, told %s times', type, about, coalesce(h.count, 0), coalesce(t.count, 0)) as what
  from happened h full join told t using (about, type) where h.count is distinct from t.count`,

  /** The counters of every account are those of the line and what happened since: all four, where an incremental pass of verify knows two. */
  `with was as (select w.* from line, json_to_recordset(accounts) as w (id text, debits_posted numeric, credits_posted numeric, debits_pending numeric, credits_pending numeric)),
    sides as (
      select case side when 'D' then debit_account_id else credit_account_id end as id, side, case when state = 'POSTED' then amount_minor else 0 end::numeric as posted,
        case when state = 'PENDING' then amount_minor when resolves is not null then -released_minor else 0 end::numeric as pending
      from transfers cross join (values ('D'), ('C')) s (side) where batch_id > (select batch from line) and state <> 'REFUSED'),
    moved as (
      select id, sum(posted) filter (where side = 'D') as dp, sum(posted) filter (where side = 'C') as cp,
        sum(pending) filter (where side = 'D') as dh, sum(pending) filter (where side = 'C') as ch
      from sides group by id)
  select format('account %s counts %s/%s and %s/%s, not %s/%s and %s/%s', id, a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending, dp, cp, dh, ch) as what
  from (
    select a.*, coalesce(w.debits_posted, 0) + coalesce(m.dp, 0) as dp, coalesce(w.credits_posted, 0) + coalesce(m.cp, 0) as cp,
      coalesce(w.debits_pending, 0) + coalesce(m.dh, 0) as dh, coalesce(w.credits_pending, 0) + coalesce(m.ch, 0) as ch
    from accounts a left join was w on w.id = a.id left join moved m on m.id = a.id) a
  where (debits_posted, credits_posted, debits_pending, credits_pending) is distinct from (dp, cp, dh, ch)`,

  /** A refusal for want of money names what the account had; it must have had that at the line or since, and it must have been too little. */
  `with had as (
      select w.id, w.available from line, json_to_recordset(accounts) as w (id text, available bigint)
      union select debit_account_id, debit_available_after from transfers where batch_id > (select batch from line) and state <> 'REFUSED'
      union select credit_account_id, credit_available_after from transfers where batch_id > (select batch from line) and state <> 'REFUSED'
      union select id, 0 from accounts where id not in (select w.id from line, json_to_recordset(accounts) as w (id text))),
    refused as (
      select k.key, t.debit_account_id as id, t.amount_minor, (k.refusal ->> 'availableMinor')::bigint as available
      from transfer_keys k join transfers t on t.id = k.transfer_ids[1]
      where k.batch_id > (select batch from line) and t.batch_id > (select batch from line) and t.reason = 'INSUFFICIENT_FUNDS' and k.refusal ->> 'leg' = '0')
  select format('key %s was refused with %s available', key, available) as what
  from refused r where available >= amount_minor or not exists (select from had h where h.id = r.id and h.available = r.available)`,

  /** A hold is given back for being late at its deadline or later, and posted before it. */
  `select format('hold %s was %s at %s, its deadline is %s', h.id, r.state, r.created_at, h.expires_at) as what
  from transfers r join transfers h on h.id = r.resolves
  where r.batch_id > (select batch from line) and r.state in ('POSTED', 'EXPIRED') and (r.state = 'EXPIRED') <> (h.expires_at <= r.created_at)`,
];

const MAX_SAMPLES = 5;
const LINE = 'select $1::bigint as batch, $2::bigint as event, $3::json as accounts';

export async function wrongBehind({ batch, event, accounts }: Line, query: Query): Promise<string[]> {
  const found: string[] = [];
  for (const rule of RULES) {
    const text = `with line as (${LINE}), found as materialized (${rule}) select what from found limit ${MAX_SAMPLES}`;
    const rows = await query<{ what: string }>(text, [batch, event, accounts]);
    found.push(...rows.map(({ what }) => what));
  }
  return found;
}
