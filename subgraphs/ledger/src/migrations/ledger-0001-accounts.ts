import { Migration } from '@mikro-orm/migrations';

/** Arithmetic of the checks is numeric: a comparison of counters near 2^63 must refuse, not overflow. */
const AVAILABLE = `case normal_side
  when 'CREDIT' then credits_posted::numeric - debits_posted - debits_pending
  else debits_posted::numeric - credits_posted - credits_pending end`;

export class CreateAccounts extends Migration {
  override up(): void {
    this.addSql(`
      create table accounts (
        id text not null,
        address text,
        kind text not null,
        owner_id text,
        currency text not null,
        normal_side text not null,
        debits_posted bigint not null default 0,
        credits_posted bigint not null default 0,
        debits_pending bigint not null default 0,
        credits_pending bigint not null default 0,
        floor_minor bigint,
        sequence bigint not null default 0,
        is_default boolean not null default false,
        is_closed boolean not null default false,
        opened_at timestamptz(3) not null,
        closed_at timestamptz(3),
        constraint accounts_pkey primary key (id),
        constraint accounts_address_unique unique (address),
        constraint accounts_id_currency_unique unique (id, currency),
        constraint accounts_kind_known check (kind in ('WALLET', 'PAYABLE', 'ESCROW', 'FEES', 'EXPENSES', 'DISPUTES', 'BANK', 'CLEARING')),
        constraint accounts_wallet_has_owner check (kind <> 'WALLET' or (owner_id is not null and address is null)),
        constraint accounts_system_has_address check (kind = 'WALLET' or (address is not null and not is_default)),
        constraint accounts_currency_form check (currency ~ '^[A-Z]{3}$'),
        constraint accounts_normal_side_known check (normal_side in ('DEBIT', 'CREDIT')),
        constraint accounts_counters_not_negative check (least(debits_posted, credits_posted, debits_pending, credits_pending, sequence) >= 0),
        constraint accounts_counters_in_range check (greatest(debits_posted::numeric + debits_pending, credits_posted::numeric + credits_pending) < 9223372036854775808),
        constraint accounts_floor_held check (floor_minor is null or ${AVAILABLE} >= floor_minor),
        constraint accounts_closed_has_time check (is_closed = (closed_at is not null)),
        constraint accounts_closed_is_empty check (not is_closed or (debits_posted = credits_posted and debits_pending = 0 and credits_pending = 0))
      )`);
    this.addSql('create index accounts_owner on accounts (owner_id, currency) where owner_id is not null');
    this.addSql(`create unique index accounts_default_wallet_unique on accounts (owner_id, currency) where is_default and not is_closed`);
  }
}
