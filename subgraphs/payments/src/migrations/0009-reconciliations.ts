import { Migration } from '@mikro-orm/migrations';

/** What the daily comparison with the provider's books found; and what it is found by. */
export class AddReconciliations extends Migration {
  override up(): void {
    for (const statement of [RECONCILIATIONS, ...INDEXES]) this.addSql(statement);
  }
}

/** One per provider and day. `claimed_until` is the lease of whoever compares: it also takes back what a process that died had claimed. */
const RECONCILIATIONS = `
  create table reconciliations (
    provider text not null,
    date date not null,
    claimed_until timestamptz(3) not null,
    checked_at timestamptz(3),
    is_balanced boolean,
    digest text,
    result jsonb,
    constraint reconciliations_pk primary key (provider, date),
    constraint reconciliations_checked_is_whole check (num_nulls(checked_at, is_balanced, digest, result) in (0, 4))
  )`;

const INDEXES = [
  `create index payment_events_captured_at on payment_events (occurred_at) where kind = 'CAPTURED'`,
  'create index refunds_provider_settled_at on refunds (settled_at) where provider_refund_id is not null',
  'create index disputes_opened_at on disputes (opened_at)',
  'create index disputes_closed_at on disputes (closed_at) where closed_at is not null',
];
