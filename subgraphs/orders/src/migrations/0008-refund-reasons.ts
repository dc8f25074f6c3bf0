import { Migration } from '@mikro-orm/migrations';

/** Why money went back, for the timeline, which finds the refunds by their order. Older refunds have no reason. */
class AddRefundReasons extends Migration {
  override up(): void {
    this.addSql('alter table order_refunds add column reason text');
    this.addSql('alter table order_refunds add constraint order_refunds_reason_bounded check (char_length(reason) <= 500)');
    this.addSql('create index order_refunds_order_id on order_refunds (order_id, at)');
  }
}

export const addRefundReasons = { name: 'orders-0008-refund-reasons', class: AddRefundReasons };
