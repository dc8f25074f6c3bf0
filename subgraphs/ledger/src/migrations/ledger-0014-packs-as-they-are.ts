import { Migration } from '@mikro-orm/migrations';

/** Packs are read once and then pruned: compressing them takes longer than writing them as they are. */
export class PacksAsTheyAre extends Migration {
  override up(): void {
    this.addSql('alter table outbox alter column payload set storage external');
  }
}
