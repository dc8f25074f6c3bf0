import { Migration } from '@mikro-orm/migrations';

class CreateOrders extends Migration {
  override up(): void {
    this.addSql(ORDERS);
    this.addSql('create index orders_customer_id on orders (customer_id, placed_at desc, id desc)');
    this.addSql('create index orders_placed_at on orders (placed_at desc, id desc)');
    this.addSql('create index orders_vendor_ids on orders using gin (vendor_ids)');
    this.addSql(`create index orders_waiting on orders (expires_at) where state = 'PENDING_PAYMENT'`);
    this.addSql(`
      create table order_lines (
        id text not null,
        order_id text not null,
        place integer not null,
        variant_id text not null,
        product_id text not null,
        vendor_id text not null,
        kind text not null,
        sku text not null,
        title text not null,
        quantity integer not null,
        unit_minor bigint not null,
        constraint order_lines_pk primary key (id),
        constraint order_lines_order_fk foreign key (order_id) references orders (id) deferrable initially deferred,
        constraint order_lines_variant_once unique (order_id, variant_id),
        constraint order_lines_kind_known check (kind in ('PHYSICAL', 'DIGITAL_UNITS')),
        constraint order_lines_quantity_range check (quantity between 1 and 999),
        constraint order_lines_price_not_negative check (unit_minor >= 0)
      )`);
    this.addSql(`
      create table order_history (
        id bigint generated always as identity,
        order_id text not null,
        kind text not null,
        state text not null,
        note text,
        actor text not null,
        trace_id text,
        at timestamptz(3) not null,
        constraint order_history_pk primary key (id),
        constraint order_history_order_fk foreign key (order_id) references orders (id) deferrable initially deferred
      )`);
    this.addSql('create index order_history_order_id on order_history (order_id, id)');
    this.addSql(
      'create trigger order_history_append_only before update or delete on order_history for each row execute function refuse_change()',
    );
    this.addSql(`
      create table order_refunds (
        refund_id text not null,
        order_id text not null,
        amount_minor bigint not null,
        at timestamptz(3) not null,
        constraint order_refunds_pk primary key (refund_id),
        constraint order_refunds_order_fk foreign key (order_id) references orders (id),
        constraint order_refunds_amount_positive check (amount_minor > 0)
      )`);
    this.addSql(`
      alter table stock_movements add constraint stock_movements_order_fk
        foreign key (order_id) references orders (id) deferrable initially deferred`);
    this.addSql(TRANSITIONS);
    this.addSql(`
      create trigger orders_state_moves_forward before update of state on orders
        for each row when (old.state is distinct from new.state) execute function check_order_transition()`);
  }
}

const ORDERS = `
  create table orders (
    id text not null,
    number text not null,
    customer_id text not null,
    vendor_ids text[] not null,
    quote_id text not null,
    state text not null,
    currency text not null,
    subtotal_minor bigint not null,
    discount_minor bigint not null,
    shipping_minor bigint not null,
    tax_minor bigint not null,
    total_minor bigint not null,
    authorised_minor bigint not null,
    captured_minor bigint not null,
    refunded_minor bigint not null,
    payment_id text,
    payment_state text not null,
    tender text not null,
    shipping_address jsonb,
    placed_at timestamptz(3) not null,
    expires_at timestamptz(3) not null,
    confirmed_at timestamptz(3),
    closed_at timestamptz(3),
    constraint orders_pk primary key (id),
    constraint orders_number_unique unique (number),
    constraint orders_quote_used_once unique (quote_id),
    constraint orders_payment_unique unique (payment_id),
    constraint orders_state_known check (state in
      ('PENDING_PAYMENT', 'CONFIRMED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'EXPIRED')),
    constraint orders_payment_state_known check (payment_state in ('NONE', 'REQUESTED', 'AUTHORISED', 'CAPTURED', 'FAILED', 'VOIDED')),
    constraint orders_has_vendors check (cardinality(vendor_ids) > 0),
    constraint orders_total_adds_up check (total_minor = subtotal_minor - discount_minor + shipping_minor + tax_minor),
    constraint orders_amounts_not_negative check (
      least(subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor) >= 0),
    constraint orders_money_axes_nested check (
      0 <= refunded_minor and refunded_minor <= captured_minor and captured_minor <= authorised_minor and authorised_minor <= total_minor),
    constraint orders_paid_has_payment check (payment_id is not null or total_minor = 0),
    constraint orders_closed_has_time check ((state in ('CANCELLED', 'EXPIRED')) = (closed_at is not null)),
    constraint orders_confirmed_has_time check (state not in ('CONFIRMED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED') or confirmed_at is not null)
  ) with (fillfactor = 80)`;

/** The same table as TRANSITIONS in order.ts: a test holds the two together. */
const TRANSITIONS = `
  create function check_order_transition() returns trigger language plpgsql as $$
  declare
    is_allowed boolean;
  begin
    is_allowed := case old.state
      when 'PENDING_PAYMENT' then new.state in ('CONFIRMED', 'CANCELLED', 'EXPIRED')
      when 'CONFIRMED' then new.state in ('PARTIALLY_SHIPPED', 'SHIPPED', 'CANCELLED')
      when 'PARTIALLY_SHIPPED' then new.state in ('SHIPPED')
      when 'SHIPPED' then new.state in ('DELIVERED')
      else false end;
    if not is_allowed then
      raise exception 'an order does not go from % to %', old.state, new.state using errcode = 'check_violation', constraint = 'orders_state_moves_forward';
    end if;
    return new;
  end $$`;

export const createOrders = { name: 'orders-0003-orders', class: CreateOrders };
