import { Migration } from '@mikro-orm/migrations';

class CreateCarts extends Migration {
  override up(): void {
    this.addSql(`
      create table carts (
        id text not null,
        owner_id text,
        currency text not null,
        version integer not null default 1,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        constraint carts_pk primary key (id),
        constraint carts_version_positive check (version > 0),
        constraint carts_currency_form check (currency ~ '^[A-Z]{3}$')
      )`);
    this.addSql('create unique index carts_one_per_owner on carts (owner_id) where owner_id is not null');
    this.addSql('create index carts_updated_at on carts (updated_at)');
    this.addSql(`
      create table cart_lines (
        cart_id text not null,
        variant_id text not null,
        quantity integer not null,
        added_at timestamptz(3) not null,
        constraint cart_lines_pk primary key (cart_id, variant_id),
        constraint cart_lines_cart_fk foreign key (cart_id) references carts (id) on delete cascade,
        constraint cart_lines_quantity_range check (quantity between 1 and 999)
      )`);
    this.addSql(`
      create table checkout_quotes (
        id text not null,
        cart_id text not null,
        currency text not null,
        lines jsonb not null,
        shipping_minor bigint not null,
        tax_minor bigint not null,
        discount_minor bigint not null,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        constraint checkout_quotes_pk primary key (id),
        constraint checkout_quotes_lines_list check (jsonb_typeof(lines) = 'array' and jsonb_array_length(lines) between 1 and 100),
        constraint checkout_quotes_amounts_not_negative check (shipping_minor >= 0 and tax_minor >= 0 and discount_minor >= 0),
        constraint checkout_quotes_expires_later check (expires_at > created_at)
      )`);
    this.addSql('create index checkout_quotes_expires_at on checkout_quotes (expires_at)');
  }
}

export const createCarts = { name: 'orders-0002-carts', class: CreateCarts };
