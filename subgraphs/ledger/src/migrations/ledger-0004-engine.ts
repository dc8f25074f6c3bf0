import { Migration } from '@mikro-orm/migrations';

/**
 * Storage that lasts: transfers are partitioned by month, and the rules that a partitioned table cannot hold (a key without the time) move to
 * plain tables which are written in the same commit. Every row that the simple engine wrote stays: its table becomes the first partition.
 */
export class StoreForEngine extends Migration {
  override up(): void {
    for (const statement of [...ONCE_ONLY, ...FIRST_PARTITION, ...PARTITIONED, ...KEYS, ...BATCHES, ...HOT_TABLES]) this.addSql(statement);
  }
}

/** A hold is resolved once, and a transfer reversed once, for ever. */
const ONCE_ONLY = [
  `create table hold_resolutions (
    hold_id text not null,
    transfer_id text not null,
    constraint hold_resolutions_pkey primary key (hold_id)
  )`,
  `insert into hold_resolutions (hold_id, transfer_id) select resolves, id from transfers where resolves is not null`,
  `create table reversals (
    reversed_id text not null,
    transfer_id text not null,
    constraint reversals_pkey primary key (reversed_id)
  )`,
  `insert into reversals (reversed_id, transfer_id) select reverses, id from transfers where reverses is not null and state = 'POSTED'`,
  ...['hold_resolutions', 'reversals'].flatMap(guarded),
];

/** What the simple engine kept, without what only a single table can have. */
const FIRST_PARTITION = [
  'drop trigger transfers_append_only on transfers',
  'drop trigger transfers_never_truncated on transfers',
  'alter table open_holds drop constraint open_holds_hold_fk',
  `alter table transfers
    drop constraint transfers_resolves_fk, drop constraint transfers_reverses_fk,
    drop constraint transfers_debit_account_fk, drop constraint transfers_credit_account_fk,
    drop constraint transfers_resolves_unique, drop constraint transfers_pkey,
    drop column moved_currency,
    add column released_minor bigint,
    add column batch_id bigint,
    add constraint transfers_released_by_resolution check (released_minor is null or (resolves is not null and released_minor >= amount_minor))`,
  ...[
    'transfers_debit_sequence_unique',
    'transfers_credit_sequence_unique',
    'transfers_reverses_unique',
    'transfers_debit_time',
    'transfers_credit_time',
    'transfers_order',
    'transfers_payment',
    'transfers_linked_group',
  ].map((index) => `drop index ${index}`),
  'alter table transfers rename to transfers_first',
];

/**
 * Along an account time never runs backwards, so one index by time serves pages, balances at an instant and statements, newest partition
 * first. Partitions come by `attach`, which does not lock out the engine as `create … partition of` would.
 */
const PARTITIONED = [
  `create table transfers (like transfers_first including defaults including constraints) partition by range (created_at)`,
  `create function create_transfer_partition(partition_name text, starts text, ends text) returns void language plpgsql as $$
   begin
     if to_regclass(partition_name) is null then
       execute format('create table %I (like transfers including defaults including constraints)', partition_name);
     end if;
     execute format('create trigger %I before truncate on %I for each statement execute function refuse_change()', partition_name || '_never_truncated', partition_name);
     execute format('alter table transfers attach partition %I for values from (%s) to (%s)', partition_name, starts, ends);
   end $$`,
  `create function ensure_transfer_partitions(months_ahead integer) returns integer language plpgsql set timezone = 'UTC' as $$
   declare
     made integer := 0;
     month timestamptz;
     partition_name text;
   begin
     perform pg_advisory_xact_lock(727003);
     for ahead in 0..months_ahead loop
       month := date_trunc('month', clock_timestamp()) + make_interval(months => ahead);
       partition_name := 'transfers_' || to_char(month, 'YYYY_MM');
       continue when to_regclass(partition_name) is not null;
       continue when exists (select from transfer_partition_zero where ends_at > month);
       perform create_transfer_partition(partition_name, quote_literal(month), quote_literal(month + interval '1 month'));
       made := made + 1;
     end loop;
     return made;
   end $$`,
  `alter table transfers add constraint transfers_pkey primary key (id, created_at)`,
  `create unique index transfers_debit_time on transfers (debit_account_id, created_at, debit_sequence) where debit_sequence is not null`,
  `create unique index transfers_credit_time on transfers (credit_account_id, created_at, credit_sequence) where credit_sequence is not null`,
  `create index transfers_order on transfers (order_id) where order_id is not null`,
  `create index transfers_payment on transfers (payment_id) where payment_id is not null`,
  `create index transfers_linked_group on transfers (linked_group) where linked_group is not null`,
  `create index transfers_resolves on transfers (resolves) where resolves is not null`,
  `create index transfers_reverses on transfers (reverses) where reverses is not null`,
  'create trigger transfers_append_only before update or delete on transfers for each row execute function refuse_change()',
  'create trigger transfers_never_truncated before truncate on transfers for each statement execute function refuse_change()',
  // The first partition ends with the month in which it was attached.
  `create table transfer_partition_zero (ends_at timestamptz not null)`,
  `insert into transfer_partition_zero
   select (date_trunc('month', greatest(clock_timestamp(), max(created_at)) at time zone 'UTC') + interval '1 month') at time zone 'UTC' from transfers_first`,
  `do $$ begin
     perform create_transfer_partition('transfers_first', 'minvalue', (select quote_literal(ends_at) from transfer_partition_zero));
     perform ensure_transfer_partitions(3);
   end $$`,
];

/**
 * Keys are found by a hash of scope and key: sixteen bytes instead of a hundred, so that the index stays small for ever. Scope and key stay
 * for people.
 */
const KEYS = [
  'drop trigger transfer_keys_append_only on transfer_keys',
  `alter table transfer_keys add column key_hash uuid, add column batch_id bigint, alter column fingerprint type json using fingerprint::json`,
  `update transfer_keys set key_hash = encode(substr(sha256(convert_to(scope, 'UTF8') || '\\x00'::bytea || convert_to(key, 'UTF8')), 1, 16), 'hex')::uuid`,
  `alter table transfer_keys drop constraint transfer_keys_pkey, add constraint transfer_keys_pkey primary key (key_hash)`,
  // What transferCreate answered until now lay in the table of the kit: its fingerprints, and the refusals that never came to the engine.
  `update transfer_keys k set fingerprint = i.fingerprint from idempotency_keys i
   where i.mutation = 'transferCreate' and k.scope = i.principal || '/transferCreate' and k.key = i.key`,
  `insert into transfer_keys (key_hash, scope, key, fingerprint, outcome, refusal, transfer_ids, created_at)
   select encode(substr(sha256(convert_to(scope, 'UTF8') || '\\x00'::bytea || convert_to(key, 'UTF8')), 1, 16), 'hex')::uuid,
     scope, key, fingerprint, 'REFUSED', jsonb_build_object('reason', reason, 'leg', 0, 'availableMinor', null, 'side', side), '{}', created_at
   from (
     select i.principal || '/transferCreate' as scope, i.key, i.fingerprint, i.created_at,
       case i.outcome ->> '__typename' when 'WalletNotFound' then 'ACCOUNT_NOT_FOUND' when 'RecipientNotFound' then 'RECIPIENT_NOT_FOUND'
         when 'AccountClosed' then 'ACCOUNT_CLOSED' when 'CurrencyMismatch' then 'CURRENCY_MISMATCH' end as reason,
       case i.outcome ->> '__typename' when 'RecipientNotFound' then 'credit' else 'debit' end as side
     from idempotency_keys i where i.mutation = 'transferCreate') told
   where reason is not null
   on conflict (key_hash) do nothing`,
  'create trigger transfer_keys_append_only before update or delete on transfer_keys for each row execute function refuse_change()',
];

/**
 * What was committed together, with a digest of its transfers; seals chain the digests in the background. A batch is sealed when no
 * transaction is under way any more that is older than it.
 */
const BATCHES = [
  'create sequence ledger_batch_ids',
  `create table ledger_batches (
    id bigint not null,
    transaction_id xid8 not null default pg_current_xact_id(),
    created_at timestamptz(3) not null,
    transfer_count integer not null,
    digest bytea not null,
    constraint ledger_batches_pkey primary key (id),
    constraint ledger_batches_digest_form check (length(digest) = 32),
    constraint ledger_batches_count_positive check (transfer_count > 0)
  )`,
  `create table ledger_seals (
    ordinal bigint not null,
    batch_id bigint not null,
    chain bytea not null,
    sealed_at timestamptz(3) not null,
    constraint ledger_seals_pkey primary key (ordinal),
    constraint ledger_seals_batch_unique unique (batch_id),
    constraint ledger_seals_batch_fk foreign key (batch_id) references ledger_batches (id),
    constraint ledger_seals_ordinal_positive check (ordinal > 0)
  )`,
  ...['ledger_batches', 'ledger_seals'].flatMap(guarded),
  `create table unsealed_batches (
    batch_id bigint not null,
    constraint unsealed_batches_pkey primary key (batch_id)
  )`,
  `create function await_seal() returns trigger language plpgsql as $$
   begin
     insert into unsealed_batches (batch_id) values (new.id);
     return null;
   end $$`,
  'create trigger ledger_batches_await_seal after insert on ledger_batches for each row execute function await_seal()',
];

/**
 * Accounts change in place as long as their page has room. `moved_at` keeps the time of transfers from running backwards when the server's
 * clock does. An event that waits for the relay has no position: such rows need no place in the index of positions.
 */
const HOT_TABLES = [
  'alter table accounts set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)',
  'alter table accounts add column moved_at timestamptz(3)',
  // The same rules in the arithmetic of the columns: a sum beyond 64 bits is refused by itself, and a difference of two counters cannot be.
  `alter table accounts drop constraint accounts_counters_in_range, drop constraint accounts_floor_held,
    add constraint accounts_counters_in_range check (debits_posted + debits_pending >= 0 and credits_posted + credits_pending >= 0),
    add constraint accounts_floor_held check (floor_minor is null or
      case normal_side when 'CREDIT' then credits_posted - debits_posted - debits_pending else debits_posted - credits_posted - credits_pending end >= floor_minor)`,
  // Kept as it was written: nobody asks into it by index, and taking it apart costs as much as all the rest of the row.
  'alter table outbox alter column payload type json using payload::json',
  'alter table outbox drop constraint outbox_position_unique',
  'create unique index outbox_position_unique on outbox (stream, position) where position is not null',
  `update accounts a set moved_at = m.moved_at from (
     select account_id, max(created_at) as moved_at from (
       select debit_account_id as account_id, created_at from transfers where state <> 'REFUSED'
       union all select credit_account_id, created_at from transfers where state <> 'REFUSED') s group by account_id) m
   where m.account_id = a.id`,
];

function guarded(table: string): string[] {
  return [
    `create trigger ${table}_append_only before update or delete on ${table} for each row execute function refuse_change()`,
    `create trigger ${table}_never_truncated before truncate on ${table} for each statement execute function refuse_change()`,
  ];
}
