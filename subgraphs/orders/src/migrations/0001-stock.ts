import { Migration } from '@mikro-orm/migrations';

class CreateStock extends Migration {
  override up(): void {
    this.addSql(`
      create table products (
        id text not null,
        is_published boolean not null,
        position bigint not null,
        constraint products_pk primary key (id)
      )`);
    this.addSql(`
      create table variants (
        id text not null,
        product_id text not null,
        vendor_id text not null,
        sku text not null,
        title text not null,
        product_title text not null,
        kind text not null,
        prices jsonb not null,
        is_removed boolean not null,
        position bigint not null,
        constraint variants_pk primary key (id),
        constraint variants_kind_known check (kind in ('PHYSICAL', 'DIGITAL_UNITS')),
        constraint variants_prices_list check (jsonb_typeof(prices) = 'array')
      )`);
    this.addSql('create index variants_product_id on variants (product_id)');
    // Every checkout rewrites its rows: room in the page keeps the updates off the indexes.
    this.addSql(`
      create table stock_items (
        variant_id text not null,
        vendor_id text not null,
        on_hand integer not null default 0,
        reserved integer not null default 0,
        sold bigint not null default 0,
        low_stock_threshold integer not null default 5,
        available integer generated always as (on_hand - reserved) stored,
        is_low boolean generated always as (on_hand - reserved <= low_stock_threshold) stored,
        updated_at timestamptz(3) not null,
        constraint stock_items_pk primary key (variant_id),
        constraint stock_items_reserved_within_on_hand check (reserved between 0 and on_hand),
        constraint stock_items_sold_not_negative check (sold >= 0),
        constraint stock_items_threshold_not_negative check (low_stock_threshold >= 0)
      ) with (fillfactor = 50)`);
    this.addSql('create index stock_items_vendor_id on stock_items (vendor_id, variant_id)');
    this.addSql(JOURNAL);
    this.addSql('create index stock_movements_variant_id on stock_movements (variant_id, id)');
    this.addSql(
      'create unique index stock_movements_once_per_order on stock_movements (order_id, variant_id, kind) where order_id is not null',
    );
    this.addSql('create unique index stock_movements_fact_key_unique on stock_movements (fact_key) where fact_key is not null');
    this.addSql(APPEND_ONLY);
    this.addSql(
      'create trigger stock_movements_append_only before update or delete on stock_movements for each row execute function refuse_change()',
    );
  }
}

/** The journal: on_hand, reserved and sold are exactly the sums of its columns. Each kind moves what it may, and nothing else. */
const JOURNAL = `
  create table stock_movements (
    id bigint generated always as identity,
    variant_id text not null,
    kind text not null,
    delta_on_hand integer not null,
    delta_reserved integer not null,
    delta_sold integer not null,
    order_id text,
    fact_key text,
    reason text,
    actor text not null,
    trace_id text,
    at timestamptz(3) not null,
    constraint stock_movements_pk primary key (id),
    constraint stock_movements_variant_fk foreign key (variant_id) references stock_items (variant_id),
    constraint stock_movements_kind_moves check (case kind
      when 'ADJUST' then delta_on_hand <> 0 and delta_reserved = 0 and delta_sold = 0 and order_id is null
      when 'DEPOSIT' then delta_on_hand > 0 and delta_reserved = 0 and delta_sold = 0 and order_id is null
      when 'RESERVE' then delta_on_hand = 0 and delta_reserved > 0 and delta_sold = 0 and order_id is not null
      when 'RELEASE' then delta_on_hand = 0 and delta_reserved < 0 and delta_sold = 0 and order_id is not null
      when 'SELL' then delta_on_hand < 0 and delta_reserved = delta_on_hand and delta_sold = -delta_on_hand and order_id is not null
      when 'RESTOCK' then delta_on_hand > 0 and delta_reserved = 0 and delta_sold = -delta_on_hand and order_id is not null
      when 'REVOKE' then delta_on_hand = 0 and delta_reserved = 0 and delta_sold < 0 and order_id is not null
      else false end),
    constraint stock_movements_reason_length check (length(reason) <= 500)
  )`;

const APPEND_ONLY = `
  create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
  end $$`;

export const createStock = { name: 'orders-0001-stock', class: CreateStock };
