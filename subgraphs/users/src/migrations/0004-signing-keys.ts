import type { MigrationObject } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';

class CreateSigningKeys extends Migration {
  override up(): void {
    this.addSql(`
      create table signing_keys (
        id text not null,
        public_jwk jsonb not null,
        sealed_private_jwk text not null,
        created_at timestamptz(3) not null,
        activates_at timestamptz(3) not null,
        retires_at timestamptz(3),
        constraint signing_keys_pk primary key (id),
        constraint signing_keys_public_only check (not public_jwk ? 'd'),
        constraint signing_keys_sealed check (sealed_private_jwk like 'ts1.%'),
        constraint signing_keys_retires_later check (retires_at > activates_at)
      )`);
    // At most one key has no end; the others are on their way out.
    this.addSql('create unique index signing_keys_one_without_end on signing_keys ((true)) where retires_at is null');
  }
}

export const createSigningKeys: MigrationObject = { name: 'users-0004-signing-keys', class: CreateSigningKeys };
