import type { EventPayload } from '@tessera/schema/contract';
import type { ActContext } from '../services.ts';
import type { VariantEntity } from '../variant/variant.entity.ts';
import type { ProductEntity } from './product.entity.ts';

/** Events of a product and its variants share one aggregate, so that they arrive in order. */
export function publishProduct({ publish }: ActContext, type: 'ProductPublished' | 'ProductArchived', product: ProductEntity): void {
  const { id: productId, vendorId, kind, title, slug } = product;
  publish({ type, aggregateId: productId, payload: { productId, vendorId, kind, title, slug } });
}

export function publishVariant(
  { publish }: ActContext,
  type: 'VariantAdded' | 'VariantChanged' | 'PriceChanged',
  product: ProductEntity,
  variant: VariantEntity,
): void {
  publish({ type, aggregateId: product.id, payload: variantPayload(product, variant) });
}

export function publishVariantRemoved({ publish }: ActContext, product: ProductEntity, variantId: string): void {
  publish({ type: 'VariantRemoved', aggregateId: product.id, payload: { variantId, productId: product.id } });
}

function variantPayload(product: ProductEntity, variant: VariantEntity): EventPayload<'VariantAdded'> {
  return {
    variantId: variant.id,
    productId: product.id,
    vendorId: product.vendorId,
    sku: variant.sku,
    title: variant.title,
    productTitle: product.title,
    kind: product.kind,
    prices: variant.prices.map(({ currency, minor }) => ({ currency, minor })),
  };
}
