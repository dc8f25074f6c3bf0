import { Migration } from '@mikro-orm/migrations';

/** Cards bring payments that wait for their customer, are looked at by a person, or are refused after they were taken. */
class AddPaymentStates extends Migration {
  override up(): void {
    this.addSql('alter table orders drop constraint orders_payment_state_known');
    this.addSql(`
      alter table orders add constraint orders_payment_state_known check (payment_state in
        ('NONE', 'REQUESTED', 'REQUIRES_ACTION', 'AUTHORISED', 'UNDER_REVIEW', 'CAPTURED', 'REJECTED', 'FAILED', 'VOIDED'))`);
    this.addSql(`
      alter table orders add constraint orders_taken_is_captured check (
        payment_state not in ('UNDER_REVIEW', 'CAPTURED', 'REJECTED') or captured_minor = total_minor)`);
    this.addSql(`
      alter table orders add constraint orders_tender_known check (tender in ('CARD', 'PAYPAL', 'WALLET', 'SPLIT'))`);
  }
}

export const addPaymentStates = { name: 'orders-0006-payment-states', class: AddPaymentStates };
