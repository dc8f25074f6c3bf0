import { Migration } from '@mikro-orm/migrations';

/** What moves money later: scheduled transfers, and adjustments that wait for a second person. */
export class CreateSchedules extends Migration {
  override up(): void {
    for (const statement of [SCHEDULES, RUNS, ADJUSTMENTS, ...INDEXES, ...GUARDS]) this.addSql(statement);
  }
}

const SCHEDULES = `
  create table transfer_schedules (
    id text not null,
    owner_id text not null,
    from_wallet_id text not null,
    to_user_id text,
    to_wallet_id text,
    amount_minor bigint not null,
    currency text not null,
    note text,
    cadence text not null,
    time_zone text not null,
    day_of_month integer,
    starts_at timestamptz(3) not null,
    ends_at timestamptz(3),
    max_runs integer,
    state text not null,
    next_run integer not null,
    next_run_at timestamptz(3),
    retry_at timestamptz(3),
    consecutive_refusals integer not null,
    actor text not null,
    traceparent text,
    created_at timestamptz(3) not null,
    ended_at timestamptz(3),
    ended_by text,
    constraint transfer_schedules_pkey primary key (id),
    constraint transfer_schedules_from_fk foreign key (from_wallet_id, currency) references accounts (id, currency),
    constraint transfer_schedules_to_fk foreign key (to_wallet_id, currency) references accounts (id, currency),
    constraint transfer_schedules_one_recipient check (num_nonnulls(to_user_id, to_wallet_id) = 1),
    constraint transfer_schedules_two_wallets check (from_wallet_id <> to_wallet_id),
    constraint transfer_schedules_amount_positive check (amount_minor > 0),
    constraint transfer_schedules_note_length check (length(note) <= 140),
    constraint transfer_schedules_cadence_known check (cadence in ('ONCE', 'DAILY', 'WEEKLY', 'MONTHLY')),
    constraint transfer_schedules_day_of_month check ((day_of_month is not null) = (cadence = 'MONTHLY') and day_of_month between 1 and 31),
    constraint transfer_schedules_one_end check (num_nonnulls(ends_at, max_runs) <= 1 and max_runs > 0),
    constraint transfer_schedules_state_known check (state in ('ACTIVE', 'COMPLETED', 'CANCELLED', 'STOPPED')),
    constraint transfer_schedules_active_has_next check ((state = 'ACTIVE') = (next_run_at is not null)),
    constraint transfer_schedules_ended_has_end check (num_nonnulls(ended_at, ended_by) = case state when 'ACTIVE' then 0 else 2 end),
    constraint transfer_schedules_counts_not_negative check (least(next_run, consecutive_refusals) >= 0)
  )`;

const RUNS = `
  create table transfer_schedule_runs (
    id text not null,
    schedule_id text not null,
    run integer not null,
    due_at timestamptz(3) not null,
    ran_at timestamptz(3) not null,
    transfer_id text,
    refusal text,
    constraint transfer_schedule_runs_pkey primary key (id),
    constraint transfer_schedule_runs_schedule_fk foreign key (schedule_id) references transfer_schedules (id),
    constraint transfer_schedule_runs_once unique (schedule_id, run),
    constraint transfer_schedule_runs_transfer_unique unique (transfer_id),
    constraint transfer_schedule_runs_one_outcome check (num_nonnulls(transfer_id, refusal) = 1),
    constraint transfer_schedule_runs_not_early check (ran_at >= due_at)
  )`;

/** Whoever decides is another person than whoever proposed, by user and not by session; only the one who proposed withdraws. */
const ADJUSTMENTS = `
  create table adjustments (
    id text not null,
    debit_account_id text not null,
    credit_account_id text not null,
    amount_minor bigint not null,
    currency text not null,
    reason text not null,
    state text not null,
    proposed_by text not null,
    proposed_at timestamptz(3) not null,
    proposed_trace text,
    expires_at timestamptz(3) not null,
    decided_by text,
    decided_at timestamptz(3),
    decided_trace text,
    decision_note text,
    transfer_id text,
    refusal text,
    constraint adjustments_pkey primary key (id),
    constraint adjustments_debit_fk foreign key (debit_account_id, currency) references accounts (id, currency),
    constraint adjustments_credit_fk foreign key (credit_account_id, currency) references accounts (id, currency),
    constraint adjustments_two_accounts check (debit_account_id <> credit_account_id),
    constraint adjustments_amount_positive check (amount_minor > 0),
    constraint adjustments_reason_length check (length(reason) between 1 and 140),
    constraint adjustments_decision_note_length check (length(decision_note) between 1 and 140),
    constraint adjustments_state_known check (state in ('PROPOSED', 'APPROVED', 'REFUSED', 'REJECTED', 'WITHDRAWN', 'EXPIRED')),
    constraint adjustments_two_people check (case state
      when 'WITHDRAWN' then decided_by is not null and decided_by = proposed_by
      when 'PROPOSED' then decided_by is null
      when 'EXPIRED' then decided_by is null
      else decided_by is not null and decided_by <> proposed_by end),
    constraint adjustments_decided_has_time check ((state = 'PROPOSED') = (decided_at is null)),
    constraint adjustments_approved_has_transfer check ((state = 'APPROVED') = (transfer_id is not null)),
    constraint adjustments_refused_has_reason check ((state = 'REFUSED') = (refusal is not null)),
    constraint adjustments_transfer_unique unique (transfer_id)
  )`;

const INDEXES = [
  `create index transfer_schedules_due on transfer_schedules (next_run_at, id) where state = 'ACTIVE'`,
  'create index transfer_schedules_wallet on transfer_schedules (from_wallet_id, id)',
  `create index adjustments_open on adjustments (expires_at) where state = 'PROPOSED'`,
];

/** What a second person decides on is what the first one proposed. */
function proposal(row: 'old' | 'new'): string {
  const columns = ['id', 'debit_account_id', 'credit_account_id', 'amount_minor', 'currency', 'reason', 'proposed_by', 'proposed_at'];
  return `(${[...columns, 'proposed_trace', 'expires_at'].map((column) => `${row}.${column}`).join(', ')})`;
}

/** What was run or decided stays as it is, and what is to be decided, too. */
const GUARDS = [
  'create trigger transfer_schedule_runs_append_only before update or delete on transfer_schedule_runs for each row execute function refuse_change()',
  'create trigger transfer_schedules_never_deleted before delete on transfer_schedules for each row execute function refuse_change()',
  `create trigger transfer_schedules_end_once before update on transfer_schedules for each row when (old.state <> 'ACTIVE') execute function refuse_change()`,
  'create trigger adjustments_never_deleted before delete on adjustments for each row execute function refuse_change()',
  `create trigger adjustments_proposal_stays before update on adjustments for each row
     when (${proposal('old')} is distinct from ${proposal('new')}) execute function refuse_change()`,
  `create trigger adjustments_decided_once before update on adjustments for each row when (old.state <> 'PROPOSED') execute function refuse_change()`,
  ...['transfer_schedules', 'transfer_schedule_runs', 'adjustments'].map(
    (table) => `create trigger ${table}_never_truncated before truncate on ${table} for each statement execute function refuse_change()`,
  ),
];
