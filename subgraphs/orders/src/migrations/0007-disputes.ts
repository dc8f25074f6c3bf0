import { Migration } from '@mikro-orm/migrations';

/** By which the opening and the end of a dispute get into the history once each. */
class CreateDisputes extends Migration {
  override up(): void {
    this.addSql(`
      create table order_disputes (
        dispute_id text not null,
        order_id text not null,
        amount_minor bigint not null,
        outcome text,
        at timestamptz(3) not null,
        constraint order_disputes_pk primary key (dispute_id),
        constraint order_disputes_order_fk foreign key (order_id) references orders (id),
        constraint order_disputes_amount_positive check (amount_minor > 0),
        constraint order_disputes_outcome_known check (outcome in ('WON', 'LOST'))
      )`);
  }
}

export const createDisputes = { name: 'orders-0007-disputes', class: CreateDisputes };
