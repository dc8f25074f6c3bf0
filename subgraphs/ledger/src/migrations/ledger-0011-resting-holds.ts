import { Migration } from '@mikro-orm/migrations';

/** A hold that cannot be given back now is left alone for a while, so that those behind it get their turn. */
export class LetHoldsRest extends Migration {
  override up(): void {
    this.addSql('alter table open_holds add column retry_at timestamptz(3)');
  }
}
