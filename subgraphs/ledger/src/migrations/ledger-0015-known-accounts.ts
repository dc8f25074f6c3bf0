import { Migration } from '@mikro-orm/migrations';

/** Whose an account is and what it counts never changes: the engine remembers it. */
export class RememberAccounts extends Migration {
  override up(): void {
    // First what locks out everybody: a lane that has locked accounts waits for a weaker lock, and would be waited for. It says the same as
    // '^[A-Z]{3}$' and is judged with every update of the counters, where a regular expression takes longer than all other checks.
    this.addSql(
      `alter table accounts drop constraint accounts_currency_form, add constraint accounts_currency_form
         check (length(currency) = 3 and translate(currency, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '') = '') not valid`,
    );
    // Afterwards: a trigger that comes before locks every row that is updated, whatever changes.
    this.addSql(
      `create trigger accounts_facts_never_change after update of id, kind, address, owner_id, currency, normal_side on accounts
       for each row execute function refuse_change()`,
    );
  }
}
