import { Migration } from '@mikro-orm/migrations';

/** What the fraud rules said of each attempt, and what people decided. */
export class AddFraudRules extends Migration {
  override up(): void {
    for (const statement of [ASSESSMENTS, ASSESSMENT_INDEX, REVIEWS, ...REVIEW_INDEXES, CUSTOMERS]) this.addSql(statement);
  }
}

/** BEFORE: the provider has not been asked yet; AFTER: the card is known. */
const ASSESSMENTS = `
  create table fraud_assessments (
    attempt_id text not null,
    phase text not null,
    payment_id text not null,
    score integer not null,
    outcome text not null,
    reasons jsonb not null,
    assessed_at timestamptz(3) not null,
    constraint fraud_assessments_pk primary key (attempt_id, phase),
    constraint fraud_assessments_phase_known check (phase in ('BEFORE', 'AFTER')),
    constraint fraud_assessments_outcome_known check (outcome in ('ALLOW', 'REVIEW', 'BLOCK')),
    constraint fraud_assessments_payment_fk foreign key (payment_id) references payments (id) deferrable initially deferred
  )`;

const ASSESSMENT_INDEX = 'create index fraud_assessments_payment_id on fraud_assessments (payment_id)';

/** A captured payment that waits for a person: nobody else is told of the capture before it is released. */
const REVIEWS = `
  create table fraud_reviews (
    id text not null,
    payment_id text not null,
    attempt_id text not null,
    score integer not null,
    reasons jsonb not null,
    state text not null,
    decided_by text,
    note text,
    opened_at timestamptz(3) not null,
    review_until timestamptz(3) not null,
    decided_at timestamptz(3),
    constraint fraud_reviews_pk primary key (id),
    constraint fraud_reviews_attempt_unique unique (attempt_id),
    constraint fraud_reviews_state_known check (state in ('OPEN', 'RELEASED', 'REJECTED', 'LAPSED')),
    constraint fraud_reviews_decided_has_time check ((state = 'OPEN') = (decided_at is null)),
    constraint fraud_reviews_note_length check (length(note) between 1 and 500),
    constraint fraud_reviews_payment_fk foreign key (payment_id) references payments (id) deferrable initially deferred
  )`;

const REVIEW_INDEXES = [
  `create index fraud_reviews_open on fraud_reviews (opened_at, id) where state = 'OPEN'`,
  'create index fraud_reviews_payment_id on fraud_reviews (payment_id)',
];

/** Read model of users: since when there is an account. */
const CUSTOMERS = `
  create table customers (
    id text not null,
    registered_at timestamptz(3) not null,
    constraint customers_pk primary key (id)
  )`;
