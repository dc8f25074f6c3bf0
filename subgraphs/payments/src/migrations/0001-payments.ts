import { Migration } from '@mikro-orm/migrations';

export class CreatePayments extends Migration {
  override up(): void {
    for (const statement of [PAYMENTS, ...PAYMENT_INDEXES, ATTEMPTS, ...ATTEMPT_INDEXES, ...FORWARD_ONLY, EARLY_VOIDS])
      this.addSql(statement);
  }
}

/** `wish` is what orders has asked for and no tender has answered yet. `split` is where a capture goes, fixed when it is asked for. */
const PAYMENTS = `
  create table payments (
    id text not null,
    order_id text not null,
    customer_id text not null,
    tender text not null,
    state text not null,
    wish text not null,
    failure_reason text,
    currency text not null,
    amount_minor bigint not null,
    captured_minor bigint not null,
    refunding_minor bigint not null,
    refunded_minor bigint not null,
    disputed_minor bigint not null,
    shares jsonb not null,
    split jsonb,
    deadline timestamptz(3) not null,
    current_attempt_id text not null,
    event_count integer not null,
    needs_attention boolean not null,
    attention_reason text,
    created_at timestamptz(3) not null,
    updated_at timestamptz(3) not null,
    constraint payments_pk primary key (id),
    constraint payments_tender_known check (tender in ('CARD', 'PAYPAL', 'WALLET', 'SPLIT')),
    constraint payments_state_known check (state in ('PENDING', 'REQUIRES_ACTION', 'AUTHORISED', 'CAPTURED', 'FAILED', 'VOIDED')),
    constraint payments_wish_known check (wish in ('NONE', 'CAPTURE', 'VOID')),
    constraint payments_currency_form check (currency ~ '^[A-Z]{3}$'),
    constraint payments_amount_not_negative check (amount_minor >= 0),
    constraint payments_captured_within_amount check (captured_minor between 0 and amount_minor),
    constraint payments_captured_when_captured check (captured_minor = 0 or state = 'CAPTURED'),
    constraint payments_refunds_not_negative check (least(refunding_minor, refunded_minor, disputed_minor) >= 0),
    constraint payments_refunds_within_captured check (refunding_minor + refunded_minor + disputed_minor <= captured_minor),
    constraint payments_failed_has_reason check (state <> 'FAILED' or failure_reason is not null),
    constraint payments_reason_length check (length(failure_reason) between 1 and 500),
    constraint payments_attention_has_reason check (needs_attention = (attention_reason is not null)),
    constraint payments_event_count_positive check (event_count > 0)
  )`;

const PAYMENT_INDEXES = [
  `create unique index payments_one_captured_per_order on payments (order_id) where captured_minor > 0 or wish = 'CAPTURE'`,
  'create index payments_order_id on payments (order_id)',
  'create index payments_customer_id on payments (customer_id, created_at, id)',
  'create index payments_created_at on payments (created_at, id)',
  'create index payments_needs_attention on payments (created_at, id) where needs_attention',
];

const ATTEMPTS = `
  create table payment_attempts (
    id text not null,
    payment_id text not null,
    number integer not null,
    wallet_id text,
    hold_id text,
    state text not null,
    failure_reason text,
    waits_until timestamptz(3),
    created_at timestamptz(3) not null,
    updated_at timestamptz(3) not null,
    constraint payment_attempts_pk primary key (id),
    constraint payment_attempts_number_unique unique (payment_id, number),
    constraint payment_attempts_hold_unique unique (hold_id),
    constraint payment_attempts_number_bound check (number between 1 and 20),
    constraint payment_attempts_state_known check (state in ('INIT', 'REQUIRES_ACTION', 'PENDING', 'SUCCEEDED', 'FAILED', 'UNKNOWN')),
    constraint payment_attempts_failed_has_reason check ((state = 'FAILED') = (failure_reason is not null)),
    constraint payment_attempts_payment_fk foreign key (payment_id) references payments (id) deferrable initially deferred
  )`;

const ATTEMPT_INDEXES = [
  `create unique index payment_attempts_one_alive on payment_attempts (payment_id) where state <> 'FAILED'`,
  `create index payment_attempts_waiting on payment_attempts (created_at) where state = 'INIT'`,
  `alter table payments add constraint payments_current_attempt_fk
     foreign key (current_attempt_id) references payment_attempts (id) deferrable initially deferred`,
];

/** A captured or voided payment stays so, money that was taken or given back is never untaken, and what was agreed does not change. */
const FORWARD_ONLY = [
  `create function payments_forward_only() returns trigger language plpgsql as $$
   begin
     if (new.id, new.order_id, new.customer_id, new.tender, new.currency, new.amount_minor) is distinct from
        (old.id, old.order_id, old.customer_id, old.tender, old.currency, old.amount_minor) then
       raise exception 'what a payment is for does not change' using errcode = 'restrict_violation';
     end if;
     if new.state <> old.state and old.state in ('CAPTURED', 'VOIDED') then
       raise exception 'a payment that is % stays so', old.state using errcode = 'restrict_violation';
     end if;
     if new.captured_minor < old.captured_minor or new.refunded_minor < old.refunded_minor then
       raise exception 'captured and refunded amounts only grow' using errcode = 'restrict_violation';
     end if;
     return new;
   end $$`,
  'create trigger payments_forward_only before update on payments for each row execute function payments_forward_only()',
];

/** A void that arrived before the payment that it is about: the payment is born voided. */
const EARLY_VOIDS = `
  create table early_voids (
    payment_id text not null,
    reason text not null,
    received_at timestamptz(3) not null,
    constraint early_voids_pk primary key (payment_id)
  )`;
