import { Migration } from '@mikro-orm/migrations';

/** Packs are hardly ever read again: compressing them takes longer than the hundred bytes to a transfer are worth. */
export class PacksAsTheyAre extends Migration {
  override up(): void {
    this.addSql('alter table outbox alter column payload set storage external');
  }
}
