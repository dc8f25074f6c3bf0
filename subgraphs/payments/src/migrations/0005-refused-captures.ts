import { Migration } from '@mikro-orm/migrations';

/** A void that comes while the capture is under way is remembered, and a refused capture makes room for one. */
export class RememberVoids extends Migration {
  override up(): void {
    this.addSql(`
      alter table payments drop constraint payments_wish_known, add constraint payments_wish_known
        check (wish in ('NONE', 'CAPTURE', 'CAPTURE_ELSE_VOID', 'CAPTURE_REFUSED', 'VOID'))`);
    this.addSql('alter index payments_one_captured_per_order rename to payments_one_captured_per_order_before');
    this.addSql(`
      create unique index payments_one_captured_per_order on payments (order_id)
        where captured_minor > 0 or wish in ('CAPTURE', 'CAPTURE_ELSE_VOID')`);
    this.addSql('drop index payments_one_captured_per_order_before');
  }
}
