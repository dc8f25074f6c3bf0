import type { MigrationObject } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';

class CreateAccounts extends Migration {
  override up(): void {
    this.addSql(`
      create table users (
        id text not null,
        email text not null,
        email_verified_at timestamptz(3),
        handle text not null,
        display_name text not null,
        avatar_url text,
        phone text,
        roles text[] not null,
        password_hash text not null,
        suspended_at timestamptz(3),
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        constraint users_pk primary key (id),
        constraint users_email_unique unique (email),
        constraint users_handle_unique unique (handle),
        constraint users_email_normalized check (email = lower(btrim(email)) and length(email) between 3 and 254),
        constraint users_display_name_length check (length(display_name) between 1 and 80),
        constraint users_avatar_url_form check (avatar_url ~ '^https?://' and length(avatar_url) <= 2048),
        constraint users_phone_form check (phone ~ '^[+][1-9][0-9]{6,14}$'),
        constraint users_roles_known check (roles <@ array['CUSTOMER', 'VENDOR', 'ADMIN'] and 'CUSTOMER' = any(roles)),
        constraint users_password_hash_argon2id check (password_hash like '$argon2id$%')
      )`);
    this.addSql('create index users_created_at on users (created_at, id)');
    // A handle belongs to its first owner for ever: money sent to a handle that was given up must not reach somebody else.
    this.addSql(`
      create table handles (
        handle text not null,
        user_id text not null,
        claimed_at timestamptz(3) not null,
        constraint handles_pk primary key (handle),
        constraint handles_owner_unique unique (handle, user_id),
        constraint handles_form check (handle ~ '^[a-z][a-z0-9_]{2,29}$'),
        constraint handles_user_fk foreign key (user_id) references users (id) deferrable initially deferred
      )`);
    this.addSql('create index handles_user_id on handles (user_id)');
    this.addSql(`
      alter table users add constraint users_handle_claimed_fk
        foreign key (handle, id) references handles (handle, user_id) deferrable initially deferred`);
  }
}

export const createAccounts: MigrationObject = { name: 'users-0001-accounts', class: CreateAccounts };
