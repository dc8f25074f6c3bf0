import type { MigrationObject } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';

class CreateSessions extends Migration {
  override up(): void {
    this.addSql(`
      create table sessions (
        id text not null,
        user_id text not null,
        opened_from text,
        created_at timestamptz(3) not null,
        last_used_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        revoked_at timestamptz(3),
        revoke_reason text,
        constraint sessions_pk primary key (id),
        constraint sessions_user_fk foreign key (user_id) references users (id),
        constraint sessions_expires_later check (expires_at > created_at),
        constraint sessions_revoke_reason_known check (revoke_reason in ('CLOSED', 'TOKEN_REUSED')),
        constraint sessions_revoked_with_reason check ((revoked_at is null) = (revoke_reason is null))
      )`);
    this.addSql('create index sessions_user_id on sessions (user_id, created_at, id) where revoked_at is null');
    this.addSql('create index sessions_expires_at on sessions (expires_at)');
    this.addSql(`
      create table refresh_tokens (
        token_hash text not null,
        session_id text not null,
        issued_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        used_at timestamptz(3),
        constraint refresh_tokens_pk primary key (token_hash),
        constraint refresh_tokens_session_fk foreign key (session_id) references sessions (id) on delete cascade,
        constraint refresh_tokens_hash_form check (token_hash ~ '^[A-Za-z0-9_-]{43}$'),
        constraint refresh_tokens_expires_later check (expires_at > issued_at)
      )`);
    this.addSql('create index refresh_tokens_session_id on refresh_tokens (session_id)');
    // A family has one living end: rotation can never fork it.
    this.addSql('create unique index refresh_tokens_one_unused on refresh_tokens (session_id) where used_at is null');
  }
}

export const createSessions: MigrationObject = { name: 'users-0003-sessions', class: CreateSessions };
