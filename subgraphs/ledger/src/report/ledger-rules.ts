import { sqlFloor, sqlIsCounted } from '../engine/index.ts';
import { isIn, type Part, sidesOf, stepsOf } from './part.ts';

/**
 * What must hold of the books, each as a query that answers one row per violation (`violation` as text), of a part of the batches. Parts
 * follow from each other: what holds of all parts holds of the whole. `infra/verify` holds the same rules in words of its own: it must not
 * believe what is proved here.
 */
export interface LedgerRule {
  readonly id: string;
  readonly title: string;
  /** What the rule says of a part that does not begin at the first transfer, where that is less. */
  readonly titleOfPart?: string;
  /** The rule by whose query this one is told along. */
  readonly toldBy?: string;
  /**
   * Null where the rule is about the end of the books and the part does not reach it, and where another one tells it along: a row that is
   * not about the rule itself names its own in `rule`.
   */
  readonly sql: (part: Part) => string | null;
}

const POSTED = `case when state = 'POSTED' then amount else 0 end`;
const PENDING = `case when state = 'PENDING' then amount when resolves is not null then -released else 0 end`;
const BALANCE = `case a.normal_side when 'CREDIT' then a.credits_posted::numeric - a.debits_posted else a.debits_posted::numeric - a.credits_posted end`;

export const LEDGER_RULES: readonly LedgerRule[] = [
  {
    id: 'debits-equal-credits',
    title: 'I1: per currency, all debits equal all credits, posted and pending',
    sql: ({ last }) =>
      last !== null
        ? null
        : `select format('%s: posted %s debit, %s credit; pending %s debit, %s credit', currency, sum(debits_posted), sum(credits_posted), sum(debits_pending), sum(credits_pending)) as violation
      from accounts group by currency
      having sum(debits_posted) <> sum(credits_posted) or sum(debits_pending) <> sum(credits_pending)`,
  },
  {
    id: 'counters-fold',
    title: 'I3: the counters of every account are the fold of its transfers',
    titleOfPart: 'I3: every account that moved since backgroundAt has what its last movement left',
    sql: (part) => (part.last !== null ? null : part.after === null ? fold(part) : endOf(part)),
  },
  {
    id: 'sequences-gapless',
    title: 'I3: the sequence of every account counts its movements without a gap',
    sql: steps,
  },
  {
    id: 'balances-chained',
    title: 'I3: every balance after a movement is the balance before it and the movement',
    toldBy: 'sequences-gapless',
    sql: () => null,
  },
  {
    id: 'floors-held',
    title: 'I2: no account is, or ever was, available below its floor, which is that of its kind',
    sql: (part) => `
      select format('account %s was at %s with a floor of %s', a.id, s.available_after, coalesce(a.floor_minor::text, 'nothing')) as violation
      from (${sidesOf(part)}) s join accounts a on a.id = s.account_id
      where s.available_after < a.floor_minor or a.floor_minor is distinct from ${sqlFloor('a.kind')}`,
  },
  {
    id: 'limits-counted',
    title: 'I2: what is used of every limit of a day is what was sent on it',
    sql: ({ last }) =>
      last !== null
        ? null
        : `select format('%s: %s used on %s, %s sent', l.owner_id, l.used_minor, l.used_on, coalesce(sum(t.amount_minor), 0)) as violation
      from user_limits l join accounts a on a.owner_id = l.owner_id and a.currency = l.currency and a.kind = 'WALLET'
      left join transfers t on t.debit_account_id = a.id and ${sqlIsCounted('t', 'a')} and t.state = 'POSTED'
        and t.created_at >= l.used_on::timestamp at time zone 'UTC' and t.created_at < (l.used_on + 1)::timestamp at time zone 'UTC'
        and (l.is_own or t.created_at <= coalesce(l.counted_until, 'infinity'))
      where l.per_day_minor is not null or not l.is_own
      group by l.owner_id, l.currency, l.used_minor, l.used_on having l.used_minor <> coalesce(sum(t.amount_minor), 0)`,
  },
  {
    id: 'holds-resolved-once',
    title: 'I2: every hold is open or resolved once, whole or posted in part, between the same accounts',
    sql: (part) => `
      with touched as (
        select id from transfers where state = 'PENDING' and ${isIn(part)} union select resolves from transfers where resolves is not null and ${isIn(part)})
      select format('hold %s: %s resolutions', i.id, count(r.id)) as violation
      from touched i left join transfers h on h.id = i.id and h.state = 'PENDING' left join transfers r on r.resolves = i.id left join open_holds o on o.hold_id = i.id
      group by i.id, h.id, o.hold_id, h.amount_minor, h.debit_account_id, h.credit_account_id
      having h.id is null or count(r.id) + (o.hold_id is not null)::int <> 1
        or bool_or((coalesce(r.released_minor, r.amount_minor), r.debit_account_id, r.credit_account_id) is distinct from (h.amount_minor, h.debit_account_id, h.credit_account_id)
          or (r.state <> 'POSTED' and r.amount_minor <> h.amount_minor)) filter (where r.id is not null)`,
  },
  {
    id: 'facts-have-one-key',
    title: 'I6: every transfer belongs to exactly one key, whole, and in one state of acceptance',
    sql: (part) => `
      with named as (select k.scope, k.key, k.outcome, k.transfer_ids, u.id from transfer_keys k cross join unnest(k.transfer_ids) as u (id) where ${isIn(part, 'k.')}),
        own as (select id, state, linked_group from transfers where ${isIn(part)})
      select format('transfer %s is named by %s keys', t.id, count(n.key)) as violation from own t left join named n on n.id = t.id group by t.id having count(n.key) <> 1
      union all
      select format('key %s names %s, which is not there or was decided otherwise', n.key, n.id) from named n left join own t on t.id = n.id
      where t.id is null or (t.state = 'REFUSED') <> (n.outcome = 'REFUSED')
      union all
      select format('linked group %s is not what its key names', coalesce(t.linked_group, t.id)) from own t join named n on n.id = t.id
      where t.linked_group is distinct from case when cardinality(n.transfer_ids) > 1 then n.transfer_ids[1] end`,
  },
  {
    id: 'transfers-fit-accounts',
    title: 'I11: both accounts of every movement exist and are of its currency',
    sql: (part) => `
      select format('transfer %s of %s between %s and %s', t.id, t.currency, t.debit_account_id, t.credit_account_id) as violation
      from transfers t left join accounts d on d.id = t.debit_account_id left join accounts c on c.id = t.credit_account_id
      where ${isIn(part, 't.')} and (d.id is null or c.id is null or (t.state <> 'REFUSED' and (d.currency <> t.currency or c.currency <> t.currency)))`,
  },
  {
    id: 'time-goes-on',
    title: 'I3: along every account time never runs backwards',
    toldBy: 'sequences-gapless',
    sql: () => null,
  },
  {
    id: 'once-only',
    title: 'I6: what resolves a hold or reverses a transfer is on the list that allows it once',
    sql: (part) => `
      select format('%s resolves %s, the list says %s', t.id, t.resolves, r.transfer_id) as violation
      from transfers t left join hold_resolutions r on r.hold_id = t.resolves
      where t.resolves is not null and ${isIn(part, 't.')} and t.id is distinct from r.transfer_id
      union all
      select format('%s reverses %s, the list says %s', t.id, t.reverses, r.transfer_id)
      from transfers t left join reversals r on r.reversed_id = t.reverses
      where t.reverses is not null and t.state = 'POSTED' and ${isIn(part, 't.')} and t.id is distinct from r.transfer_id`,
  },
  {
    id: 'keys-in-place',
    title: 'I6: every key is at the place that its hash names',
    sql: (part) => `
      select format('key %s of %s', key, scope) as violation from transfer_keys where ${isIn(part)}
        and key_hash <> encode(substr(sha256(convert_to(scope, 'UTF8') || decode('00', 'hex') || convert_to(key, 'UTF8')), 1, 16), 'hex')::uuid`,
  },
  {
    id: 'batches-whole',
    title: 'I3: the digest of every batch is that of its transfers',
    sql: digests,
  },
  {
    id: 'chain-verifies',
    title: 'I3: every seal follows from the one before it and the digest of its batch',
    sql: (part) => `
      select format('seal %s of batch %s', s.ordinal, s.batch_id) as violation
      from ledger_seals s left join ledger_batches b on b.id = s.batch_id left join ledger_seals earlier on earlier.ordinal = s.ordinal - 1
      where ${isIn(part, 's.')}
        and (s.chain is distinct from sha256(coalesce(earlier.chain, ''::bytea) || int8send(s.batch_id) || b.digest) or (earlier.ordinal is null and s.ordinal <> 1))`,
  },
];

/** Finding what was before a part costs more than all else: three rules are told by one statement. */
function steps(part: Part): string {
  return `
    select t.rule, t.violation from (${stepsOf(part)}) s cross join lateral (values
      ('sequences-gapless', sequence <> sequence_before + 1, format('account %s: %s follows %s', account_id, sequence, sequence_before)),
      ('balances-chained',
        balance_after <> balance_before + case when side = normal_side then 1 else -1 end * ${POSTED}
          or available_after <> available_before + case when side = normal_side then ${POSTED} else -(${POSTED}) - (${PENDING}) end,
        format('account %s at %s: %s follows %s', account_id, sequence, balance_after, balance_before)),
      ('time-goes-on', created_at < time_before, format('account %s: %s is older than the one before it', account_id, sequence))) t (rule, is_wrong, violation)
    where t.is_wrong`;
}

function fold(part: Part): string {
  return `
    with folded as (
      select account_id, count(*) as movements, coalesce(sum(${POSTED}) filter (where side = 'DEBIT'), 0) as dp, coalesce(sum(${POSTED}) filter (where side = 'CREDIT'), 0) as cp,
             coalesce(sum(${PENDING}) filter (where side = 'DEBIT'), 0) as dh, coalesce(sum(${PENDING}) filter (where side = 'CREDIT'), 0) as ch
      from (${sidesOf(part)}) s group by account_id)
    select format('account %s differs from its transfers', a.id) as violation
    from accounts a left join folded f on f.account_id = a.id
    where (a.sequence, a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending)
      is distinct from (coalesce(f.movements, 0), coalesce(f.dp, 0), coalesce(f.cp, 0), coalesce(f.dh, 0), coalesce(f.ch, 0))`;
}

/** What an account has is what its last movement left: with the chain of balances that is the fold, without reading it all again. */
function endOf(part: Part): string {
  const available = `${BALANCE} - case a.normal_side when 'CREDIT' then a.debits_pending else a.credits_pending end`;
  return `
    select format('account %s differs from its last movement', a.id) as violation
    from (select distinct on (account_id) * from (${sidesOf(part)}) s order by account_id, sequence desc) s join accounts a on a.id = s.account_id
    where (a.sequence, ${BALANCE}, ${available}) is distinct from (s.sequence, s.balance_after, s.available_after)`;
}

const instant = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Transfers from before there were batches are batch 0. */
function digests(part: Part): string {
  return `
    with computed as (
      select coalesce(batch_id, 0) as batch_id, count(*) as transfers, sha256(convert_to(string_agg(array_to_string(array[id, fact_key, linked_group, debit_account_id,
         credit_account_id, amount_minor::text, currency, state, code, note, reason, debit_sequence::text, credit_sequence::text, debit_balance_after::text,
         credit_balance_after::text, debit_available_after::text, credit_available_after::text, ${instant('expires_at')}, resolves, released_minor::text, reverses,
         order_id, payment_id, ${instant('created_at')}, actor, traceparent, batch_id::text], chr(31), chr(30)), chr(10) order by id collate "C"), 'UTF8')) as digest
      from transfers where ${isIn(part)} group by transfers.batch_id)
    select format('batch %s: %s transfers, %s expected', coalesce(b.batch_id, c.batch_id), coalesce(c.transfers, 0), b.transfer_count) as violation
    from (select * from (select id as batch_id, digest, transfer_count from ledger_batches) b where ${isIn(part, 'b.')}) b full join computed c on c.batch_id = b.batch_id
    where b.digest is distinct from c.digest or b.transfer_count is distinct from c.transfers`;
}
