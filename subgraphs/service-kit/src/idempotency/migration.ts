import { Migration } from '@mikro-orm/migrations';

class CreateIdempotencyKeys extends Migration {
  override up(): void {
    this.addSql(`
      create table idempotency_keys (
        principal text not null,
        mutation text not null,
        key text not null,
        fingerprint jsonb not null,
        outcome jsonb,
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        constraint idempotency_keys_pkey primary key (principal, mutation, key),
        constraint idempotency_keys_key_length check (length(key) between 1 and 128)
      )`);
    this.addSql('create index idempotency_keys_expires_at on idempotency_keys (expires_at) where expires_at is not null');
  }
}

/** The table that every subgraph with mutations includes. */
export const idempotencyMigration = { name: 'kit-0002-idempotency', class: CreateIdempotencyKeys };
