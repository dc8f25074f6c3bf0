import { Migration } from '@mikro-orm/migrations';

const TABLES = [
  // `parent_depth` makes the database keep the tree at two levels: a parent must be of depth 0, for as long as it has children.
  `create table categories (
    id text not null,
    slug text not null,
    name text not null,
    description text null,
    parent_id text null,
    depth integer not null,
    parent_depth integer generated always as (case when parent_id is null then null else 0 end) stored,
    created_at timestamptz(3) not null,
    updated_at timestamptz(3) not null,
    version integer not null default 1,
    constraint categories_pk primary key (id),
    constraint categories_slug_unique unique (slug),
    constraint categories_id_depth_unique unique (id, depth),
    constraint categories_parent_fk foreign key (parent_id, parent_depth) references categories (id, depth),
    constraint categories_two_levels check (depth = case when parent_id is null then 0 else 1 end),
    constraint categories_slug_form check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 80),
    constraint categories_name_length check (length(name) between 1 and 100)
  )`,
  `create index categories_parent on categories (parent_id, name, id)`,
  `create table products (
    id text not null,
    slug text not null,
    title text not null,
    description text not null,
    kind text not null,
    status text not null,
    vendor_id text not null,
    category_id text null,
    media jsonb not null,
    options jsonb not null,
    seo jsonb not null,
    price_bands jsonb not null,
    created_at timestamptz(3) not null,
    updated_at timestamptz(3) not null,
    published_at timestamptz(3) null,
    version integer not null default 1,
    constraint products_pk primary key (id),
    constraint products_slug_unique unique (slug),
    constraint products_id_vendor_unique unique (id, vendor_id),
    constraint products_category_fk foreign key (category_id) references categories (id),
    constraint products_slug_form check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 80),
    constraint products_title_length check (length(title) between 1 and 200),
    constraint products_kind_known check (kind in ('PHYSICAL', 'DIGITAL_UNITS')),
    constraint products_status_known check (status in ('DRAFT', 'PUBLISHED', 'ARCHIVED')),
    constraint products_published_has_time check (status <> 'PUBLISHED' or published_at is not null),
    constraint products_published_has_category check (status <> 'PUBLISHED' or category_id is not null),
    constraint products_published_has_price check (status <> 'PUBLISHED' or price_bands <> '{}'::jsonb),
    constraint products_draft_was_never_published check (status <> 'DRAFT' or published_at is null)
  )`,
  `create index products_listed_by_time on products (created_at, id) where status = 'PUBLISHED'`,
  `create index products_listed_by_title on products (title, id) where status = 'PUBLISHED'`,
  `create index products_category on products (category_id, created_at, id)`,
  `create index products_vendor on products (vendor_id, created_at, id)`,
  `create table product_variants (
    id text not null,
    product_id text not null,
    vendor_id text not null,
    sku text not null,
    title text not null,
    position integer not null,
    prices jsonb not null,
    option_values jsonb not null,
    attributes jsonb not null,
    weight_grams integer null,
    created_at timestamptz(3) not null,
    updated_at timestamptz(3) not null,
    removed_at timestamptz(3) null,
    constraint product_variants_pk primary key (id),
    constraint product_variants_product_fk foreign key (product_id, vendor_id) references products (id, vendor_id),
    constraint product_variants_sku_length check (length(sku) between 1 and 64),
    constraint product_variants_title_length check (length(title) between 1 and 200),
    constraint product_variants_weight_positive check (weight_grams > 0),
    constraint product_variants_prices_list check (jsonb_typeof(prices) = 'array'),
    constraint product_variants_prices_within_bounds check (
      not jsonb_path_exists(prices, '$[*] ? (!(@.minor like_regex "^(0|[1-9][0-9]{0,12})$" && @.currency like_regex "^[A-Z]{3}$"))')
    )
  )`,
  `create unique index product_variants_sku_unique on product_variants (vendor_id, sku) where removed_at is null`,
  `create unique index product_variants_position_unique on product_variants (product_id, position)`,
];

/** Products, their variants and the category tree. */
export class CreateCatalog extends Migration {
  override up(): void {
    for (const table of TABLES) this.addSql(table);
  }
}
