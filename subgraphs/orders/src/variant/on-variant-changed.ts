import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';

/** Of two events the one with the later place in the stream is right, in whatever order they come. */
const UPSERT = `
  insert into variants as v (id, product_id, vendor_id, sku, title, product_title, kind, prices, is_removed, position)
  values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, false, $9)
  on conflict (id) do update set
    product_id = excluded.product_id, vendor_id = excluded.vendor_id, sku = excluded.sku, title = excluded.title,
    product_title = excluded.product_title, kind = excluded.kind, prices = excluded.prices, position = excluded.position
  where v.position < excluded.position`;

/** `VariantAdded`, `VariantChanged` and `PriceChanged` carry the whole variant; the stock row is born with the first of them, at 0. */
export async function onVariantChanged(
  { payload, position }: ReceivedEvent<'VariantAdded' | 'VariantChanged' | 'PriceChanged'>,
  { em, now }: UnitOfWork,
): Promise<void> {
  const { variantId, productId, vendorId, sku, title, productTitle, kind, prices } = payload;
  await rawSql(em, UPSERT, [variantId, productId, vendorId, sku, title, productTitle, kind, JSON.stringify(prices), position]);
  await rawSql(
    em,
    `insert into stock_items (variant_id, vendor_id, updated_at) values ($1, $2, $3)
     on conflict (variant_id) do update set vendor_id = excluded.vendor_id where stock_items.vendor_id <> excluded.vendor_id`,
    [variantId, vendorId, now],
  );
}
