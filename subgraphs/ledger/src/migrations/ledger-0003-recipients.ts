import { Migration } from '@mikro-orm/migrations';

export class CreateRecipients extends Migration {
  override up(): void {
    // A read model of the users subgraph. Not unique by handle: while two users swap handles, both rows may hold one for a moment.
    this.addSql(`
      create table recipients (
        user_id text not null,
        handle_key text not null,
        display_name text not null,
        email_key text not null,
        version bigint not null,
        constraint recipients_pkey primary key (user_id)
      )`);
    this.addSql('create index recipients_handle_key on recipients (handle_key)');
    this.addSql('create index recipients_email_key on recipients (email_key)');
    this.addSql(`
      create table recipient_misses (
        sender_id text not null,
        window_started_at timestamptz(3) not null,
        misses integer not null,
        constraint recipient_misses_pkey primary key (sender_id),
        constraint recipient_misses_positive check (misses > 0)
      )`);
  }
}
