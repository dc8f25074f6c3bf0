import type { MigrationObject } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';

class CreateVerification extends Migration {
  override up(): void {
    this.addSql(`
      create table email_codes (
        id text not null,
        user_id text not null,
        code_hash text not null,
        password_hash text not null,
        attempts integer not null,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        used_at timestamptz(3),
        constraint email_codes_pk primary key (id),
        constraint email_codes_user_fk foreign key (user_id) references users (id),
        constraint email_codes_attempts_bounded check (attempts between 0 and 5),
        constraint email_codes_expires_later check (expires_at > created_at),
        constraint email_codes_hash_form check (code_hash ~ '^[A-Za-z0-9_-]{43}$')
      )`);
    this.addSql('create index email_codes_user_id on email_codes (user_id, created_at)');
    // One code verifies an account; a second use of any code of that account has nothing left to do.
    this.addSql('create unique index email_codes_used_once on email_codes (user_id) where used_at is not null');
    this.addSql(`
      create table mails (
        id text not null,
        user_id text not null,
        kind text not null,
        to_address text not null,
        content text,
        created_at timestamptz(3) not null,
        attempts integer not null,
        next_attempt_at timestamptz(3),
        sent_at timestamptz(3),
        failed_at timestamptz(3),
        last_error text,
        constraint mails_pk primary key (id),
        constraint mails_user_fk foreign key (user_id) references users (id),
        constraint mails_kind_known check (kind in ('VERIFICATION', 'ALREADY_REGISTERED')),
        constraint mails_attempts_not_negative check (attempts >= 0),
        constraint mails_one_end check (num_nonnulls(next_attempt_at, sent_at, failed_at) = 1),
        constraint mails_content_until_end check ((content is null) = (next_attempt_at is null))
      )`);
    this.addSql('create index mails_due on mails (next_attempt_at) where next_attempt_at is not null');
    this.addSql('create index mails_user_id on mails (user_id, created_at)');
  }
}

export const createVerification: MigrationObject = { name: 'users-0002-verification', class: CreateVerification };
