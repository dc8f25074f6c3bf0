import { type Check, type LedgerRule, ledgerCheck } from './check.ts';
import { type Window, within, withinKeys } from './window.ts';

/** What a key holds together has the name of its first transfer. */
const GROUP = 'case when cardinality(transfer_ids) > 1 then transfer_ids[1] end';

const rules: readonly LedgerRule[] = [
  {
    invariant: 'I6',
    id: 'facts-have-one-key',
    title: 'every transfer belongs to one key, and every key has all its transfers',
    sql: (window) => `
      select format('transfer %s is named by %s keys', t.id, count(n.key)) as violation
      from transfers t left join (${named(window)}) n on n.id = t.id where ${within(window, 't.')} group by t.id having count(n.key) <> 1
      union all
      select format('key %s of %s names %s, which is not there or was decided otherwise', n.key, n.scope, n.id)
      from (${named(window)}) n left join transfers t on t.id = n.id
      where t.id is null or (t.state = 'REFUSED') <> (n.outcome = 'REFUSED') ${window ? 'or t.batch_id is distinct from n.batch_id' : ''}`,
    gate: (seed) => equalSums(`concat_ws(chr(31), id, state = 'REFUSED')`, `concat_ws(chr(31), named.id, outcome = 'REFUSED')`, seed),
  },
  {
    invariant: 'I6',
    id: 'linked-groups-whole',
    title: 'linked transfers are there all together, under one key',
    sql: (window) => `
      select format('transfer %s is in group %s, its key %s of %s names %s', t.id, coalesce(t.linked_group, 'none'), n.key, n.scope, coalesce(n.group_name, 'none')) as violation
      from transfers t join (${named(window)}) n on n.id = t.id where t.linked_group is distinct from n.group_name`,
    gate: (seed) => equalSums(`concat_ws(chr(31), id, linked_group)`, `concat_ws(chr(31), named.id, group_name)`, seed),
  },
  {
    invariant: 'I6',
    id: 'keys-by-hash',
    title: 'every key is found by the hash of its scope and itself, and there once',
    sql: (window) => `
      select format('key %s of %s lies at %s', key, scope, key_hash) as violation from transfer_keys
      where ${withinKeys(window)} and key_hash <> encode(substr(sha256(convert_to(scope, 'UTF8') || decode('00', 'hex') || convert_to(key, 'UTF8')), 1, 16), 'hex')::uuid
      union all ${window ? takenTwice(window) : DOUBLE_KEYS}`,
  },
  {
    invariant: 'I6',
    id: 'resolved-and-reversed-once',
    title: 'no hold is resolved twice and no transfer reversed twice, and the lists of both are complete',
    sql: (window) => `
      select format('%s is resolved %s times', resolves, count(*)) as violation from transfers
      where resolves is not null ${window ? `and resolves in (select resolves from transfers where resolves is not null and ${within(window)})` : ''}
      group by resolves having count(*) > 1
      union all
      select format('%s is reversed %s times', reverses, count(*)) from transfers
      where reverses is not null and state = 'POSTED' ${window ? `and reverses in (select reverses from transfers where reverses is not null and ${within(window)})` : ''}
      group by reverses having count(*) > 1
      union all
      select format('%s is not on the list of what resolves holds', id) from transfers t
      where resolves is not null and ${within(window, 't.')} and not exists (select from hold_resolutions r where r.hold_id = t.resolves and r.transfer_id = t.id)
      union all
      select format('%s is not on the list of reversals', id) from transfers t
      where reverses is not null and state = 'POSTED' and ${within(window, 't.')} and not exists (select from reversals r where r.reversed_id = t.reverses and r.transfer_id = t.id)`,
  },
];

export const ledgerKeysChecks: readonly Check[] = rules.map(ledgerCheck);

/** Of one key there is one hash, so in the order of the hashes doubles lie side by side; the index has that order. */
const DOUBLE_KEYS = `
  select format('the place %s has more than one key', key_hash)
  from (select key_hash, lag(key_hash) over (order by key_hash) as before from transfer_keys) ordered where key_hash = before`;

/** A new key at a place where there is another one, new or old. */
function takenTwice(window: Window): string {
  return `
  select format('the place %s has more than one key', n.key_hash)
  from transfer_keys n join transfer_keys every on every.key_hash = n.key_hash where ${withinKeys(window, 'n.')} group by n.key_hash having count(*) > 1`;
}

function named(window: Window | null): string {
  return `select scope, key, outcome, batch_id, group_name, unnest(transfer_ids) as id from (${keysWithGroup(withinKeys(window))}) k`;
}

/** A list of a thousand is stored compressed: what is said of it as a whole is asked once, not once for each of its members. */
function keysWithGroup(condition: string): string {
  return `select *, ${GROUP} as group_name from transfer_keys where ${condition} offset 0`;
}

/** What the transfers say of themselves is what their keys say of them: each as often. */
function equalSums(ofTransfer: string, ofKey: string, seed: number): string {
  return `
    select t.count = k.count and t.sum is not distinct from k.sum as holds
    from (select count(*) as count, sum(hashtextextended(${ofTransfer}, ${seed})) as sum from transfers) t,
         (select count(*) as count, sum(hashtextextended(${ofKey}, ${seed})) as sum from (${keysWithGroup('true')}) keys cross join unnest(transfer_ids) as named (id)) k`;
}
