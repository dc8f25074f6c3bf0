import { Migration } from '@mikro-orm/migrations';

/** Every answer of the ledger looks up the commands of its payment, and the table only grows. */
export class IndexCommands extends Migration {
  override up(): void {
    this.addSql('create index ledger_commands_payment_id on ledger_commands (payment_id)');
  }
}
