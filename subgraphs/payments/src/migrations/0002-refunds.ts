import { Migration } from '@mikro-orm/migrations';

export class CreateRefunds extends Migration {
  override up(): void {
    for (const statement of [REFUNDS, REFUND_INDEX, PAYMENT_EVENTS, ...APPEND_ONLY]) this.addSql(statement);
  }
}

/** `asked_at` is null while a refund waits for the capture that it gives back. */
const REFUNDS = `
  create table refunds (
    id text not null,
    payment_id text not null,
    amount_minor bigint not null,
    destination text not null,
    wallet_id text,
    reason text not null,
    state text not null,
    failure_reason text,
    split jsonb not null,
    requested_by text not null,
    created_at timestamptz(3) not null,
    asked_at timestamptz(3),
    settled_at timestamptz(3),
    constraint refunds_pk primary key (id),
    constraint refunds_amount_positive check (amount_minor > 0),
    constraint refunds_destination_known check (destination in ('WALLET', 'ORIGINAL')),
    constraint refunds_state_known check (state in ('PENDING', 'SUCCEEDED', 'FAILED')),
    constraint refunds_reason_length check (length(reason) between 1 and 500),
    constraint refunds_failed_has_reason check ((state = 'FAILED') = (failure_reason is not null)),
    constraint refunds_settled_has_time check ((state = 'PENDING') = (settled_at is null)),
    constraint refunds_succeeded_was_asked check (state <> 'SUCCEEDED' or asked_at is not null),
    constraint refunds_payment_fk foreign key (payment_id) references payments (id) deferrable initially deferred
  )`;

const REFUND_INDEX = 'create index refunds_payment_id on refunds (payment_id, created_at, id)';

/** What happened to a payment, in order. The totals in payments are the fold of these rows. */
const PAYMENT_EVENTS = `
  create table payment_events (
    payment_id text not null,
    sequence integer not null,
    kind text not null,
    amount_minor bigint not null,
    attempt_id text,
    refund_id text,
    reason text,
    actor text not null,
    traceparent text,
    occurred_at timestamptz(3) not null,
    constraint payment_events_pk primary key (payment_id, sequence),
    constraint payment_events_sequence_positive check (sequence > 0),
    constraint payment_events_amount_not_negative check (amount_minor >= 0),
    constraint payment_events_payment_fk foreign key (payment_id) references payments (id) deferrable initially deferred
  )`;

const APPEND_ONLY = [
  `create function refuse_change() returns trigger language plpgsql as $$
   begin
     raise exception 'rows of % are facts: they are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
   end $$`,
  'create trigger payment_events_append_only before update or delete on payment_events for each row execute function refuse_change()',
  'create trigger payment_events_never_truncated before truncate on payment_events for each statement execute function refuse_change()',
];
