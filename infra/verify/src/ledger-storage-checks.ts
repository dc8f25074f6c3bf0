import { type Check, sqlCheck } from './check.ts';

const ledger = (invariant: string, id: string, title: string, sql: string): Check => sqlCheck('ledger', invariant, id, title, sql);

/** A stored instant as the engine wrote it into the digest. */
const instant = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** A stored transfer as a line of its batch, as the digest has it: its values in the order of the columns, parted by U+001F. */
export const transferLine = `array_to_string(array[
    id, fact_key, linked_group, debit_account_id, credit_account_id, amount_minor::text, currency, state, code, note, reason,
    debit_sequence::text, credit_sequence::text, debit_balance_after::text, credit_balance_after::text,
    debit_available_after::text, credit_available_after::text, ${instant('expires_at')}, resolves, released_minor::text, reverses,
    order_id, payment_id, ${instant('created_at')}, actor, traceparent, batch_id::text], chr(31), chr(30))`;

/** What the storage cannot hold by constraints, because transfers are partitioned by time; and the chain that shows whether somebody changed them. */
export const ledgerStorageChecks: readonly Check[] = [
  ledger(
    'I11',
    'transfers-fit-accounts',
    'both accounts of every movement exist and are of its currency',
    `select format('transfer %s in %s debits %s (%s) and credits %s (%s)', t.id, t.currency, t.debit_account_id, d.currency, t.credit_account_id, c.currency) as violation
     from transfers t left join accounts d on d.id = t.debit_account_id left join accounts c on c.id = t.credit_account_id
     where d.id is null or c.id is null or (t.state <> 'REFUSED' and not (d.currency = t.currency and c.currency = t.currency))`,
  ),
  ledger(
    'I6',
    'resolved-and-reversed-once',
    'no hold is resolved twice and no transfer reversed twice, and the lists of both are complete',
    `select format('%s is resolved %s times', resolves, count(*)) as violation from transfers where resolves is not null group by resolves having count(*) > 1
     union all
     select format('%s is reversed %s times', reverses, count(*)) from transfers where reverses is not null and state = 'POSTED' group by reverses having count(*) > 1
     union all
     select format('%s is not on the list of what resolves holds', id) from transfers t
     where resolves is not null and not exists (select from hold_resolutions r where r.hold_id = t.resolves and r.transfer_id = t.id)
     union all
     select format('%s is not on the list of reversals', id) from transfers t
     where reverses is not null and state = 'POSTED' and not exists (select from reversals r where r.reversed_id = t.reverses and r.transfer_id = t.id)`,
  ),
  ledger(
    'I6',
    'keys-by-hash',
    'every key is found by the hash of its scope and itself, and there once',
    `select format('key %s of %s lies at %s', key, scope, key_hash) as violation from transfer_keys
     where replace(key_hash::text, '-', '') <> left(encode(sha256(convert_to(scope, 'UTF8') || decode('00', 'hex') || convert_to(key, 'UTF8')), 'hex'), 32)
     union all
     select format('key %s of %s is there %s times', key, scope, count(*)) from transfer_keys group by scope, key having count(*) > 1`,
  ),
  ledger(
    'I3',
    'time-never-runs-back',
    'along every account, what has the higher sequence is not older',
    `select format('account %s: movement %s is older than the one before', account_id, sequence) as violation from (
       select account_id, sequence, created_at, lag(created_at) over (partition by account_id order by sequence) as earlier
       from (select debit_account_id as account_id, debit_sequence as sequence, created_at from transfers where state <> 'REFUSED'
             union all select credit_account_id, credit_sequence, created_at from transfers where state <> 'REFUSED') sides) ordered
     where created_at < earlier`,
  ),
  ledger(
    'I3',
    'batches-unchanged',
    'the digest of every batch is that of its transfers',
    `select format('batch %s: %s transfers with another digest, %s were written', coalesce(b.id, t.batch_id), coalesce(t.count, 0), b.transfer_count) as violation
     from ledger_batches b full join (
       select batch_id, count(*) as count, sha256(convert_to(string_agg(${transferLine}, chr(10) order by id collate "C"), 'UTF8')) as digest
       from transfers where batch_id is not null group by batch_id) t on t.batch_id = b.id
     where (b.digest, b.transfer_count) is distinct from (t.digest, t.count)`,
  ),
  ledger(
    'I3',
    'hash-chain',
    'every seal is the hash of the one before it, its batch and the digest; none is missing',
    `select format('seal %s (batch %s) does not follow', ordinal, batch_id) as violation from (
       select s.ordinal, s.batch_id, s.chain, b.digest, lag(s.chain, 1, ''::bytea) over seals as before, lag(s.ordinal, 1, 0::bigint) over seals as last
       from ledger_seals s join ledger_batches b on b.id = s.batch_id window seals as (order by s.ordinal)) linked
     where chain <> sha256(before || int8send(batch_id) || digest) or ordinal <> last + 1
     union all
     select format('batch %s is neither sealed nor waits for it', id) from ledger_batches b
     where not exists (select from ledger_seals s where s.batch_id = b.id) and not exists (select from unsealed_batches u where u.batch_id = b.id)`,
  ),
];
