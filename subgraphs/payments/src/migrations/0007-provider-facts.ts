import { Migration } from '@mikro-orm/migrations';

/** What providers tell by themselves: webhooks, disputes, saved cards; and what the ledger moved over their clearing accounts. */
export class AddProviderFacts extends Migration {
  override up(): void {
    for (const statement of [
      WEBHOOKS,
      ...WEBHOOK_INDEXES,
      CURSORS,
      DISPUTES,
      DISPUTE_INDEX,
      METHODS,
      METHOD_INDEX,
      CUSTOMERS,
      CLEARING,
      ...CLEARING_INDEXES,
    ])
      this.addSql(statement);
  }
}

/** Every event once, kept before it is answered. PARKED: about something that is not known (yet); DEAD: it never became known. */
const WEBHOOKS = `
  create table webhook_inbox (
    provider text not null,
    event_id text not null,
    type text not null,
    object_id text,
    payload jsonb not null,
    source text not null,
    state text not null,
    tries integer not null,
    received_at timestamptz(3) not null,
    due_at timestamptz(3),
    settled_at timestamptz(3),
    note text,
    constraint webhook_inbox_pk primary key (provider, event_id),
    constraint webhook_inbox_source_known check (source in ('WEBHOOK', 'POLL')),
    constraint webhook_inbox_state_known check (state in ('RECEIVED', 'PARKED', 'DONE', 'IGNORED', 'DEAD')),
    constraint webhook_inbox_due_while_open check ((state in ('RECEIVED', 'PARKED')) = (due_at is not null)),
    constraint webhook_inbox_settled_has_time check ((state in ('DONE', 'IGNORED', 'DEAD')) = (settled_at is not null))
  )`;

const WEBHOOK_INDEXES = [
  'create index webhook_inbox_due_at on webhook_inbox (due_at) where due_at is not null',
  'create index webhook_inbox_settled_at on webhook_inbox (settled_at) where settled_at is not null',
];

/** Up to where the provider's list of events has been read. */
const CURSORS = `
  create table provider_cursors (
    provider text not null,
    read_until timestamptz(3) not null,
    constraint provider_cursors_pk primary key (provider)
  )`;

const DISPUTES = `
  create table disputes (
    id text not null,
    payment_id text not null,
    provider text not null,
    provider_dispute_id text not null,
    amount_minor bigint not null,
    fee_minor bigint not null,
    reason text not null,
    state text not null,
    split jsonb not null,
    evidence_due_at timestamptz(3),
    opened_at timestamptz(3) not null,
    closed_at timestamptz(3),
    constraint disputes_pk primary key (id),
    constraint disputes_provider_unique unique (provider, provider_dispute_id),
    constraint disputes_amount_positive check (amount_minor > 0 and fee_minor >= 0),
    constraint disputes_state_known check (state in ('OPEN', 'WON', 'LOST')),
    constraint disputes_closed_has_time check ((state = 'OPEN') = (closed_at is null)),
    constraint disputes_payment_fk foreign key (payment_id) references payments (id) deferrable initially deferred
  )`;

const DISPUTE_INDEX = 'create index disputes_payment_id on disputes (payment_id, opened_at, id)';

/** Cards kept at the provider; here is only what a person recognises them by. */
const METHODS = `
  create table payment_methods (
    id text not null,
    user_id text not null,
    provider text not null,
    state text not null,
    session_id text,
    client_url text,
    provider_customer_id text,
    provider_method_id text,
    brand text,
    last4 text,
    expires_year integer,
    expires_month integer,
    fingerprint text,
    country text,
    created_at timestamptz(3) not null,
    updated_at timestamptz(3) not null,
    constraint payment_methods_pk primary key (id),
    constraint payment_methods_state_known check (state in ('SETTING_UP', 'ACTIVE', 'REMOVING', 'REMOVED', 'FAILED')),
    constraint payment_methods_session_unique unique (session_id),
    constraint payment_methods_active_is_complete check (state <> 'ACTIVE' or (provider_method_id is not null and last4 is not null))
  )`;

const METHOD_INDEX = 'create index payment_methods_user_id on payment_methods (user_id, created_at, id)';

const CUSTOMERS = `
  create table provider_customers (
    user_id text not null,
    provider text not null,
    customer_id text not null,
    constraint provider_customers_pk primary key (user_id, provider)
  )`;

/** Read model of the ledger's clearing accounts: what was moved on them, by which fact. Debits are positive: the provider owes more. */
const CLEARING = `
  create table clearing_entries (
    transfer_id text not null,
    provider text not null,
    fact_key text not null,
    code text not null,
    currency text not null,
    amount_minor bigint not null,
    balance_minor bigint not null,
    payment_id text,
    posted_at timestamptz(3) not null,
    constraint clearing_entries_pk primary key (transfer_id)
  )`;

const CLEARING_INDEXES = [
  'create index clearing_entries_posted_at on clearing_entries (provider, posted_at)',
  'create index clearing_entries_fact_key on clearing_entries (fact_key)',
];
