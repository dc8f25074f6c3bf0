import type { Loader } from '@tessera/service-kit/graphql';
import type { EntityManager } from '@tessera/service-kit/persistence';
import type { OrdersServices } from '../services.ts';
import { ProductEntity, VariantEntity } from './variant.entity.ts';
import type { VariantFacts } from './variant.ts';

/** The variants that are known here, by id. */
export async function loadVariants(em: EntityManager, ids: readonly string[]): Promise<ReadonlyMap<string, VariantFacts>> {
  if (ids.length === 0) return new Map();
  const variants = await em.find(VariantEntity, { id: { $in: [...ids] } });
  const productIds = [...new Set(variants.map((variant) => variant.productId))];
  const published = await em.find(ProductEntity, { id: { $in: productIds }, isPublished: true });
  const publishedIds = new Set(published.map((product) => product.id));
  return new Map(
    variants.map(({ id, productId, vendorId, sku, title, productTitle, kind, prices, isRemoved }) => {
      const isSold = !isRemoved && publishedIds.has(productId);
      return [id, { id, productId, vendorId, sku, title, productTitle, kind, prices, isSold }];
    }),
  );
}

export const variantById: Loader<VariantFacts, OrdersServices> = { name: 'variantById', batch: (ids, { em }) => loadVariants(em, ids) };
