import { Migration } from '@mikro-orm/migrations';

export class CreateTransfers extends Migration {
  override up(): void {
    this.addSql(TRANSFERS);
    for (const index of INDEXES) this.addSql(index);
    this.addSql(TRANSFER_KEYS);
    this.addSql(OPEN_HOLDS);
    for (const guard of APPEND_ONLY) this.addSql(guard);
  }
}

/**
 * Facts, never changed. A hold is a PENDING row that stays as it is; what became of it is one further row that `resolves` it: POSTED, VOIDED
 * or EXPIRED. A REFUSED row moved nothing and has no sequences. `moved_currency` is null for it, so that the foreign keys, which hold both
 * accounts to the transfer's currency, let a refused mismatch be recorded.
 */
const TRANSFERS = `
  create table transfers (
    id text not null,
    fact_key text not null,
    linked_group text,
    debit_account_id text not null,
    credit_account_id text not null,
    amount_minor bigint not null,
    currency text not null,
    moved_currency text generated always as (case when state = 'REFUSED' then null else currency end) stored,
    state text not null,
    code text not null,
    note text,
    reason text,
    debit_sequence bigint,
    credit_sequence bigint,
    debit_balance_after bigint,
    credit_balance_after bigint,
    debit_available_after bigint,
    credit_available_after bigint,
    expires_at timestamptz(3),
    resolves text,
    reverses text,
    order_id text,
    payment_id text,
    created_at timestamptz(3) not null,
    actor text not null,
    traceparent text,
    constraint transfers_pkey primary key (id),
    constraint transfers_amount_positive check (amount_minor > 0),
    constraint transfers_state_known check (state in ('POSTED', 'PENDING', 'VOIDED', 'EXPIRED', 'REFUSED')),
    constraint transfers_two_accounts check (debit_account_id <> credit_account_id or state = 'REFUSED'),
    constraint transfers_code_length check (length(code) between 1 and 64),
    constraint transfers_note_length check (length(note) <= 140),
    constraint transfers_refused_has_reason check ((state = 'REFUSED') = (reason is not null)),
    constraint transfers_moved_has_both_sides check (
      num_nonnulls(debit_sequence, credit_sequence, debit_balance_after, credit_balance_after, debit_available_after, credit_available_after)
        = case when state = 'REFUSED' then 0 else 6 end),
    constraint transfers_sequences_positive check (least(debit_sequence, credit_sequence) > 0),
    constraint transfers_hold_has_deadline check (case state when 'PENDING' then expires_at is not null when 'REFUSED' then true else expires_at is null end),
    constraint transfers_resolution_names_hold check (case when state in ('VOIDED', 'EXPIRED') then resolves is not null when state = 'POSTED' then true else resolves is null end),
    constraint transfers_resolves_unique unique (resolves),
    constraint transfers_resolves_fk foreign key (resolves) references transfers (id),
    constraint transfers_reversal_is_posted check (reverses is null or state in ('POSTED', 'REFUSED')),
    constraint transfers_reverses_fk foreign key (reverses) references transfers (id),
    constraint transfers_debit_account_fk foreign key (debit_account_id, moved_currency) references accounts (id, currency),
    constraint transfers_credit_account_fk foreign key (credit_account_id, moved_currency) references accounts (id, currency)
  )`;

const INDEXES = [
  `create unique index transfers_debit_sequence_unique on transfers (debit_account_id, debit_sequence) where debit_sequence is not null`,
  `create unique index transfers_credit_sequence_unique on transfers (credit_account_id, credit_sequence) where credit_sequence is not null`,
  `create unique index transfers_reverses_unique on transfers (reverses) where reverses is not null and state = 'POSTED'`,
  `create index transfers_debit_time on transfers (debit_account_id, created_at, debit_sequence) where debit_sequence is not null`,
  `create index transfers_credit_time on transfers (credit_account_id, created_at, credit_sequence) where credit_sequence is not null`,
  `create index transfers_order on transfers (order_id) where order_id is not null`,
  `create index transfers_payment on transfers (payment_id) where payment_id is not null`,
  `create index transfers_linked_group on transfers (linked_group) where linked_group is not null`,
];

/** One row per fact that was ever asked for, refusals included: what the answer was then is the answer for ever. */
const TRANSFER_KEYS = `
  create table transfer_keys (
    scope text not null,
    key text not null,
    fingerprint jsonb not null,
    outcome text not null,
    refusal jsonb,
    transfer_ids text[] not null,
    created_at timestamptz(3) not null,
    constraint transfer_keys_pkey primary key (scope, key),
    constraint transfer_keys_outcome_known check (outcome in ('POSTED', 'REFUSED')),
    constraint transfer_keys_refusal_has_reason check ((outcome = 'REFUSED') = (refusal is not null)),
    constraint transfer_keys_posted_has_transfers check (outcome = 'REFUSED' or cardinality(transfer_ids) > 0)
  )`;

/** The sweeper's work list. Derived: the PENDING transfers that nothing resolves. */
const OPEN_HOLDS = `
  create table open_holds (
    hold_id text not null,
    expires_at timestamptz(3) not null,
    constraint open_holds_pkey primary key (hold_id),
    constraint open_holds_hold_fk foreign key (hold_id) references transfers (id)
  )`;

const APPEND_ONLY = [
  'create index open_holds_expires_at on open_holds (expires_at)',
  `create function refuse_change() returns trigger language plpgsql as $$
   begin
     raise exception 'rows of % are facts: they are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
   end $$`,
  'create trigger transfers_append_only before update or delete on transfers for each row execute function refuse_change()',
  'create trigger transfers_never_truncated before truncate on transfers for each statement execute function refuse_change()',
  'create trigger transfer_keys_append_only before update or delete on transfer_keys for each row execute function refuse_change()',
  'create trigger transfer_keys_never_truncated before truncate on transfer_keys for each statement execute function refuse_change()',
  'create trigger accounts_never_deleted before delete on accounts for each row execute function refuse_change()',
];
