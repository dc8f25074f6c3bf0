import { Migration } from '@mikro-orm/migrations';

/** Money from outside: what is taken by a provider, for an order or into a wallet. */
export class AddCards extends Migration {
  override up(): void {
    for (const statement of [...PAYMENTS, ...ATTEMPTS, ...REFUNDS, CALLS, ...CALL_INDEXES, COMMANDS, ...FORWARD_ONLY])
      this.addSql(statement);
  }
}

/** A payment is for an order, or tops up a wallet. `tender` is that of the current attempt; `next_attempt` waits for its end. */
const PAYMENTS = [
  `alter table payments
     alter column order_id drop not null,
     add column top_up_wallet_id text,
     add column description text not null default 'Order',
     add column address_key text,
     add column shipping_key text,
     add column shipping_country text,
     add column next_attempt jsonb,
     add constraint payments_for_order_or_wallet check ((order_id is null) <> (top_up_wallet_id is null)),
     add constraint payments_description_length check (length(description) between 1 and 200)`,
  'create index payments_top_ups on payments (customer_id, created_at, id) where top_up_wallet_id is not null',
  `create index payments_top_ups_waiting on payments (deadline)
     where top_up_wallet_id is not null and state in ('PENDING', 'REQUIRES_ACTION', 'FAILED')`,
  'create index payments_address_key on payments (address_key, created_at) where address_key is not null',
  'create index payments_shipping_key on payments (shipping_key, created_at) where shipping_key is not null',
];

/** What the provider calls its objects, what the customer has to open, and what is known of the card. */
const ATTEMPTS = [
  `alter table payment_attempts
     add column tender text not null default 'WALLET',
     add column provider text,
     add column client_mode text not null default 'HOSTED_PAGE',
     add column payment_method_id text,
     add column session_id text,
     add column intent_id text,
     add column charge_id text,
     add column client_url text,
     add column client_secret text,
     add column last_decline text,
     add column card_brand text,
     add column card_last4 text,
     add column card_fingerprint text,
     add column card_country text,
     add column fee_minor bigint,
     add constraint payment_attempts_tender_known check (tender in ('CARD', 'PAYPAL', 'WALLET', 'SPLIT')),
     add constraint payment_attempts_provider_known check (provider in ('STRIPE', 'PAYPAL')),
     add constraint payment_attempts_mode_known check (client_mode in ('HOSTED_PAGE', 'CONFIRM_IN_PAGE')),
     add constraint payment_attempts_session_unique unique (session_id),
     add constraint payment_attempts_intent_unique unique (intent_id),
     add constraint payment_attempts_charge_unique unique (charge_id)`,
  'alter table payment_attempts alter column tender drop default',
  'create index payment_attempts_fingerprint on payment_attempts (card_fingerprint, created_at) where card_fingerprint is not null',
];

const REFUNDS = [
  `alter table refunds
     add column provider_refund_id text,
     add constraint refunds_provider_refund_unique unique (provider_refund_id)`,
];

/**
 * What a provider is asked, each row in short committed phases. `id` is made of the id of the row that it is about and goes out as the
 * provider's idempotency key. `due_at` is when it is asked (again): it also takes back what was claimed by a process that died. `first_sent_at` is
 * null as long as the provider certainly has not heard of it. GIVEN_UP: a person knows, and it is asked again now and then all the same.
 */
const CALLS = `
  create table provider_calls (
    id text not null,
    provider text not null,
    kind text not null,
    payment_id text,
    attempt_id text,
    refund_id text,
    subject_id text,
    state text not null,
    sends integer not null,
    failures integer not null,
    created_at timestamptz(3) not null,
    first_sent_at timestamptz(3),
    due_at timestamptz(3),
    settled_at timestamptz(3),
    last_error text,
    traceparent text,
    constraint provider_calls_pk primary key (id),
    constraint provider_calls_provider_known check (provider in ('STRIPE', 'PAYPAL')),
    constraint provider_calls_state_known check (state in ('DUE', 'SENT', 'DONE', 'GIVEN_UP')),
    constraint provider_calls_counts_not_negative check (least(sends, failures) >= 0),
    constraint provider_calls_due_until_done check ((state = 'DONE') = (due_at is null)),
    constraint provider_calls_settled_has_time check ((state = 'DONE') = (settled_at is not null)),
    constraint provider_calls_error_length check (length(last_error) between 1 and 500),
    constraint provider_calls_payment_fk foreign key (payment_id) references payments (id) deferrable initially deferred
  )`;

const CALL_INDEXES = [
  'create index provider_calls_due_at on provider_calls (due_at) where due_at is not null',
  'create index provider_calls_payment_id on provider_calls (payment_id) where payment_id is not null',
];

const COMMANDS = `
  alter table ledger_commands drop constraint ledger_commands_type_known, add constraint ledger_commands_type_known check
    (type in ('HoldRequested', 'HoldPostRequested', 'HoldVoidRequested', 'PostingRequested', 'PostingResolutionRequested'))`;

/** Another attempt may pay by other means; all else that was agreed does not change. */
const FORWARD_ONLY = [
  `create or replace function payments_forward_only() returns trigger language plpgsql as $$
   begin
     if (new.id, new.order_id, new.top_up_wallet_id, new.customer_id, new.currency, new.amount_minor) is distinct from
        (old.id, old.order_id, old.top_up_wallet_id, old.customer_id, old.currency, old.amount_minor) then
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
];
