import { Migration } from '@mikro-orm/migrations';

/**
 * What a user may send in one currency, over all wallets, in one transfer and in one day of UTC. Wallets whose owner has a limit carry a mark, so
 * that the engine asks for limits only where there are some.
 */
export class CreateUserLimits extends Migration {
  override up(): void {
    this.addSql(`
      create table user_limits (
        owner_id text not null,
        currency text not null,
        per_transfer_minor bigint,
        per_day_minor bigint,
        is_own boolean not null,
        used_minor bigint not null,
        used_on date not null,
        constraint user_limits_pkey primary key (owner_id, currency),
        constraint user_limits_not_negative check (coalesce(least(per_transfer_minor, per_day_minor), 0) >= 0 and used_minor >= 0),
        constraint user_limits_default_stands_elsewhere check (is_own or (per_transfer_minor is null and per_day_minor is null))
      ) with (fillfactor = 50)`);
    this.addSql(`
      create table user_limit_changes (
        id bigint generated always as identity,
        owner_id text not null,
        currency text not null,
        wallet_id text not null,
        per_transfer_minor bigint,
        per_day_minor bigint,
        reason text not null,
        actor text not null,
        traceparent text,
        changed_at timestamptz(3) not null,
        constraint user_limit_changes_pkey primary key (id),
        constraint user_limit_changes_reason_length check (length(reason) between 1 and 140)
      )`);
    this.addSql('create index user_limit_changes_owner on user_limit_changes (owner_id, currency, id)');
    this.addSql(
      'create trigger user_limit_changes_append_only before update or delete on user_limit_changes for each row execute function refuse_change()',
    );
    this.addSql(
      'create trigger user_limit_changes_never_truncated before truncate on user_limit_changes for each statement execute function refuse_change()',
    );
    this.addSql('alter table accounts add column is_limited boolean not null default false');
    // Whoever opens a wallet shares the lock of its owner, whoever sets limits has it alone: no wallet comes to be beside a limit that it does
    // not see. Owners share 64 of them, because a batch may open a thousand wallets and locks need memory of the server.
    this.addSql(`create function user_limits_lock(owner_id text) returns int language sql immutable strict return hashtext(owner_id) & 63`);
    this.addSql(`
      create function mark_limited() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock_shared(727006, user_limits_lock(new.owner_id));
        new.is_limited := exists (select from user_limits l where l.owner_id = new.owner_id and l.currency = new.currency
          and (l.per_transfer_minor is not null or l.per_day_minor is not null));
        return new;
      end $$`);
    this.addSql(
      `create trigger accounts_mark_limited before insert on accounts for each row when (new.kind = 'WALLET') execute function mark_limited()`,
    );
  }
}
