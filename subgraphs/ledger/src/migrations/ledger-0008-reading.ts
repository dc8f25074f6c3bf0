import { Migration } from '@mikro-orm/migrations';

/** What makes reading fast, and is never needed to decide anything. */
export class StoreForReading extends Migration {
  override up(): void {
    for (const statement of [...BY_TIME, ...SUBTOTALS, ...ACCOUNTS, ...HINTS]) this.addSql(statement);
  }
}

/** Rows lie almost in the order of their time, so a summary of each stretch of pages finds any period and costs next to nothing to keep. */
const BY_TIME = [
  'create index if not exists transfers_time on transfers using brin (created_at) with (pages_per_range = 32, autosummarize = on)',
];

/**
 * Subtotals say what all transfers before an instant come to. The horizon is announced before they are made: from then on nothing is timed before
 * it, and once every transaction has ended that may not have seen it, nothing will appear there any more.
 */
const SUBTOTALS = [
  `create table trial_balance_horizon (
    is_only boolean not null default true,
    until_at timestamptz(3) not null,
    seen_from xid8,
    constraint trial_balance_horizon_pkey primary key (is_only),
    constraint trial_balance_horizon_only check (is_only)
  )`,
  `insert into trial_balance_horizon (until_at) values (date_trunc('milliseconds', clock_timestamp()))`,
  `create table trial_balance_subtotals (
    until_at timestamptz(3) not null,
    kind text not null,
    currency text not null,
    accounts bigint not null,
    debits numeric not null,
    credits numeric not null,
    constraint trial_balance_subtotals_pkey primary key (until_at, kind, currency)
  )`,
  `create trigger trial_balance_subtotals_append_only before update or delete on trial_balance_subtotals for each row execute function refuse_change()`,
];

/** A list of one kind, of which there are few, among many wallets. */
const ACCOUNTS = ['create index if not exists accounts_kind on accounts (kind, currency, id)'];

/**
 * Until when nobody keeps copies of balances in Redis, because somebody cannot tell Redis of commits. Processes of before, which run on for a while,
 * are such; a ledger without accounts is new and has none.
 */
const HINTS = [
  `create table balance_hint_switch (
    is_only boolean not null default true,
    off_until timestamptz(3) not null,
    constraint balance_hint_switch_pkey primary key (is_only),
    constraint balance_hint_switch_only check (is_only)
  )`,
  `insert into balance_hint_switch (off_until) 
   values (case when exists (select from accounts) then clock_timestamp() + interval '1 hour' else '-infinity' end)`,
];
