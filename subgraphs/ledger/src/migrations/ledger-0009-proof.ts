import { Migration } from '@mikro-orm/migrations';

export class ProveEverything extends Migration {
  override up(): void {
    this.addSql(FEW_ENOUGH);
    for (const statement of FIND_BATCHES) this.addSql(statement);
    this.addSql(BATCH_ZERO);
    for (const statement of PROGRESS) this.addSql(statement);
  }
}

/** Their digest is taken over one text, of which PostgreSQL holds a gigabyte: better no migration than half an hour of one that fails. */
const MAX_WITHOUT_BATCH = 2_000_000;
const FEW_ENOUGH = `do $$
  declare
    found bigint := (select count(*) from (select from transfers where batch_id is null limit ${MAX_WITHOUT_BATCH + 1}) t);
  begin
    if found > ${MAX_WITHOUT_BATCH} then
      raise exception 'ledger-0009-proof takes the digest of at most ${MAX_WITHOUT_BATCH} transfers from before ledger-0004-engine, and there are more'
        using hint = 'Nothing was changed. See Deploying in the README of the ledger.';
    end if;
  end $$`;

/**
 * Rows lie in the order in which their batches were written, so a summary per megabyte finds those of some batches. It costs a few
 * kilobytes, and next to nothing when rows are added.
 */
const FIND_BATCHES = [
  'create index if not exists transfers_batch on transfers using brin (batch_id) with (autosummarize = on)',
  'create index if not exists transfer_keys_batch on transfer_keys using brin (batch_id) with (autosummarize = on)',
];

const instant = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** What was written before there were batches is batch 0: from now on a transfer of no batch cannot be slipped in. */
const BATCH_ZERO = `
  insert into ledger_batches (id, created_at, transfer_count, digest)
  select 0, max(created_at), count(*), sha256(convert_to(string_agg(array_to_string(array[
      id, fact_key, linked_group, debit_account_id, credit_account_id, amount_minor::text, currency, state, code, note, reason,
      debit_sequence::text, credit_sequence::text, debit_balance_after::text, credit_balance_after::text,
      debit_available_after::text, credit_available_after::text, ${instant('expires_at')}, resolves, released_minor::text, reverses,
      order_id, payment_id, ${instant('created_at')}, actor, traceparent, batch_id::text], chr(31), chr(30)), chr(10) order by id collate "C"), 'UTF8'))
  from transfers where batch_id is null having count(*) > 0`;

/** Up to which batch the worker has proved the books, when that was committed, and what it found. */
const PROGRESS = [
  `create table ledger_proof_progress (
    is_only boolean not null default true,
    proved_batch bigint not null,
    proved_until timestamptz(3) not null,
    found jsonb not null,
    constraint ledger_proof_progress_pkey primary key (is_only),
    constraint ledger_proof_progress_one_row check (is_only)
  )`,
  `insert into ledger_proof_progress (proved_batch, proved_until, found) values (-1, 'epoch', '{}')`,
];
