import { transferLine } from '@tessera/verify';
import type { Client } from 'pg';
import { SCOPE, withClient } from './books.ts';

const OPENING_MINOR = 1_000_000_000;
const HISTORY_DAYS = 300;
const ROUNDS_PER_STATEMENT = 50;

export interface History {
  readonly wallets: readonly string[];
  readonly transfers: number;
}

/**
 * A past of many transfers, made by the database itself: loading it through the engine would take an hour. In every round each wallet sends
 * one unit to another, so it takes part twice, and its sequences and balances can be told without adding anything up. What moved is told as
 * the engine tells it, and was published long ago. The books prove themselves afterwards.
 */
export async function writeHistory(
  databaseUrl: string,
  walletCount: number,
  transfers: number,
  tell: (progress: string) => void,
): Promise<History> {
  const rounds = Math.ceil(transfers / walletCount);
  return withClient(databaseUrl, async (client) => {
    await client.query(`set synchronous_commit = off; set maintenance_work_mem = '512MB'; set work_mem = '256MB'`);
    await client.query(OPEN, [walletCount, OPENING_MINOR, HISTORY_DAYS, SCOPE]);
    const rebuild = await dropIndexes(client);
    for (let round = 0; round < rounds; round += ROUNDS_PER_STATEMENT) {
      const until = Math.min(round + ROUNDS_PER_STATEMENT, rounds) - 1;
      await client.query(TRANSFERS, [round, until, walletCount, OPENING_MINOR, rounds, HISTORY_DAYS, SCOPE]);
      await client.query(KEYS, [round, until, walletCount, SCOPE]);
      tell(`${((until + 1) * walletCount).toLocaleString('en')} of ${(rounds * walletCount).toLocaleString('en')} transfers`);
    }
    for (let round = -1; round < rounds; round += ROUNDS_PER_STATEMENT)
      await client.query(TOLD, [idOf(round, walletCount), idOf(round + ROUNDS_PER_STATEMENT, walletCount)]);
    await client.query(`insert into outbox_streams select stream, max(position) from outbox group by stream`);
    for (const [at, statement] of rebuild.entries()) {
      await client.query(statement);
      tell(`${at + 1} of ${rebuild.length} indexes`);
    }
    for (let round = -1; round < rounds; round += ROUNDS_PER_STATEMENT)
      await client.query(BATCHES, [idOf(round, walletCount), idOf(round + ROUNDS_PER_STATEMENT, walletCount)]);
    await client.query(SETTLE, [rounds]);
    await client.query(`select setval('ledger_batch_ids', ${rounds + FIRST_BATCH})`);
    tell('digests');
    for (const table of ['transfers', 'transfer_keys', 'accounts', 'outbox']) await client.query(`vacuum analyze ${table}`);
    tell('done');
    const { rows } = await client.query<{ id: string }>(`select id from accounts where kind = 'WALLET' order by id`);
    return { wallets: rows.map(({ id }) => id), transfers: (rounds + 1) * walletCount };
  });
}

/** Batch of the openings; a round has the batch after that of the round before. */
const FIRST_BATCH = 1;
const idOf = (round: number, walletCount: number): string => `trf_${String((round + 1) * walletCount).padStart(26, '0')}`;

const OPEN = `
  with settings as (select $1::bigint as n, $2::bigint as opening, clock_timestamp() - $3::integer * interval '1 day' as starts, $4::text as scope),
  bank as (
    insert into accounts (id, address, kind, currency, normal_side, debits_posted, sequence, opened_at, moved_at)
    select 'acc_' || lpad('1', 26, '0'), 'system:bank:USD', 'BANK', 'USD', 'DEBIT', n * opening, n, starts, starts from settings
  ), wallets as (
    insert into accounts (id, kind, owner_id, currency, normal_side, credits_posted, sequence, floor_minor, opened_at, moved_at)
    select 'wal_' || lpad(i::text, 26, '0'), 'WALLET', 'usr_' || lpad(i::text, 26, '0'), 'USD', 'CREDIT', opening, 1, 0, starts, starts
    from settings, generate_series(0, n - 1) i
  ), keys as (
    insert into transfer_keys (key_hash, scope, key, fingerprint, outcome, transfer_ids, created_at, batch_id)
    select encode(substr(sha256(convert_to(scope, 'UTF8') || '\\x00'::bytea || convert_to('opening-' || i, 'UTF8')), 1, 16), 'hex')::uuid,
      scope, 'opening-' || i, '{}', 'POSTED', array['trf_' || lpad(i::text, 26, '0')], starts, ${FIRST_BATCH}
    from settings, generate_series(0, n - 1) i
  )
  insert into transfers (id, fact_key, debit_account_id, credit_account_id, amount_minor, currency, state, code, debit_sequence, credit_sequence,
    debit_balance_after, credit_balance_after, debit_available_after, credit_available_after, created_at, actor, batch_id)
  select 'trf_' || lpad(i::text, 26, '0'), scope || ':opening-' || i, 'acc_' || lpad('1', 26, '0'), 'wal_' || lpad(i::text, 26, '0'), opening, 'USD', 'POSTED',
    'FUNDING', i + 1, 1, (i + 1) * opening, opening, (i + 1) * opening, opening, starts, scope, ${FIRST_BATCH}
  from settings, generate_series(0, n - 1) i`;

/**
 * In round r wallet i sends to wallet i + step. Within a round they act in the order of i, so wallet i has received before it sends where
 * i ≥ step, and wallet i + step has sent before it receives where the step wraps around.
 */
const STEPS = `
  select r, i, (r + 1) * $3::bigint + i as number, (i + 1 + r * 7919 % ($3::bigint - 1)) % $3::bigint as receiver, 1 + r * 7919 % ($3::bigint - 1) as step
  from generate_series($1::bigint, $2::bigint) r, generate_series(0, $3::bigint - 1) i`;

const TRANSFERS = `
  insert into transfers (id, fact_key, debit_account_id, credit_account_id, amount_minor, currency, state, code, debit_sequence, credit_sequence,
    debit_balance_after, credit_balance_after, debit_available_after, credit_available_after, created_at, actor, batch_id)
  select 'trf_' || lpad(number::text, 26, '0'), $7::text || ':' || md5(number::text)::uuid, 'wal_' || lpad(i::text, 26, '0'), 'wal_' || lpad(receiver::text, 26, '0'),
    1, 'USD', 'POSTED', 'TRANSFER', 2 + 2 * r + received_first, 3 + 2 * r - sent_last, sender, recipient, sender, recipient,
    (select moved_at from accounts where kind = 'BANK') + (r + 1) * ($6::integer - 1) * interval '1 day' / $5::integer, $7::text, r + 1 + ${FIRST_BATCH}
  from (
    select s.*, (i >= step)::int as received_first, (i + step < $3::bigint)::int as sent_last,
      $4::bigint - (i < step)::int as sender, $4::bigint + (i + step < $3::bigint)::int as recipient
    from (${STEPS}) s) t
  order by number`;

const KEYS = `
  insert into transfer_keys (key_hash, scope, key, fingerprint, outcome, transfer_ids, created_at, batch_id)
  select encode(substr(sha256(convert_to($4::text, 'UTF8') || '\\x00'::bytea || convert_to(key, 'UTF8')), 1, 16), 'hex')::uuid, $4::text, key,
    ('{"legs.0.kind":"MOVE","legs.0.debit":"wal_' || lpad(i::text, 26, '0') || '","legs.0.credit":"wal_' || lpad(receiver::text, 26, '0')
      || '","legs.0.currency":"USD","legs.0.minor":"1","legs.0.code":"TRANSFER"}')::json,
    'POSTED', array['trf_' || lpad(number::text, 26, '0')], clock_timestamp(), r + 1 + ${FIRST_BATCH}
  from (select s.*, md5(number::text)::uuid::text as key from (${STEPS}) s) t`;

const BATCHES = `
  insert into ledger_batches (id, created_at, transfer_count, digest)
  select batch_id, min(created_at), count(*), sha256(convert_to(string_agg(${transferLine}, chr(10) order by id collate "C"), 'UTF8'))
  from transfers where id >= $1 and id < $2 group by batch_id`;

/** Up to 200 movements of one instant to a row. */
const TOLD = `
  insert into outbox (id, stream, type, version, source, aggregate_id, sequence, payload, occurred_at, actor, correlation_id, packed, position, published_at)
  select id, 'ledger-events', 'TransferPosted', 1, 'ledger', id, 1, payload, created_at, 'service:ledger', '-', size,
    coalesce((select max(position) from outbox), 0) + sum(size) over (order by id), created_at
  from (
    select 'evt' || substr(min(id), 4) as id, json_agg(json_build_array(id, 'history', null) order by id) as payload, created_at, count(*) as size
    from (select id, created_at, (row_number() over (partition by created_at order by id) - 1) / 200 as pack from transfers where id >= $1 and id < $2) numbered
    group by created_at, pack) packs
  order by id`;

const SETTLE = `
  update accounts set debits_posted = $1::bigint, credits_posted = credits_posted + $1::bigint, sequence = 1 + 2 * $1::bigint,
    moved_at = (select max(created_at) from ledger_batches)
  where kind = 'WALLET'`;

/** Indexes are made faster at once than row by row. @returns what makes them again */
async function dropIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; create: string }>(`
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as create
    from pg_constraint where contype in ('p', 'u') and conrelid in ('transfers'::regclass, 'transfer_keys'::regclass)
    union all
    select format('drop index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid) from pg_index i
    where i.indrelid in ('transfers'::regclass, 'transfer_keys'::regclass) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`);
  for (const { drop } of rows) await client.query(drop);
  return rows.map(({ create }) => create.replace(' ON ONLY ', ' ON '));
}
