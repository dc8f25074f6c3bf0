import { Migration } from '@mikro-orm/migrations';

/**
 * Until when what somebody sends was counted: a limit of the house may be taken back at any hour, and what is sent then counts for nothing.
 * What users send between their own wallets no longer counts, nor what was sent so today.
 */
export class CountWhatIsSentToOthers extends Migration {
  override up(): void {
    this.addSql('alter table user_limits add column counted_until timestamptz(3)');
    this.addSql(`
      update user_limits l set used_minor = greatest(0, used_minor - own.minor) from (
        select l.owner_id, l.currency, sum(t.amount_minor) as minor
        from user_limits l join accounts a on a.owner_id = l.owner_id and a.currency = l.currency and a.kind = 'WALLET'
        join transfers t on t.debit_account_id = a.id and t.code in ('TRANSFER', 'SCHEDULED') and t.state = 'POSTED'
          and t.created_at >= l.used_on::timestamp at time zone 'UTC' and t.created_at < (l.used_on + 1)::timestamp at time zone 'UTC'
        join accounts c on c.id = t.credit_account_id and c.kind = 'WALLET' and c.owner_id = l.owner_id
        group by l.owner_id, l.currency) own
      where own.owner_id = l.owner_id and own.currency = l.currency`);
  }
}
