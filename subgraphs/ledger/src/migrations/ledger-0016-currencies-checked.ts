import { Migration } from '@mikro-orm/migrations';

/** In a commit of its own: reading all accounts stops nobody. */
export class CheckCurrencies extends Migration {
  override up(): void {
    this.addSql('alter table accounts validate constraint accounts_currency_form');
  }
}
