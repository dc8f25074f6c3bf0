import { LockMode } from '@mikro-orm/core';
import { hasScope, type Viewer } from '@tessera/service-kit/identity';
import { isId } from '@tessera/service-kit/ids';
import type { ActContext } from '../services.ts';
import { VariantEntity } from '../variant/variant.entity.ts';
import { ProductEntity } from './product.entity.ts';
import { type CatalogViewer, mayManage, priceBandsOf } from './product.ts';

/** A product and the variants that are in sale, by position. */
export interface OwnProduct {
  readonly product: ProductEntity;
  readonly variants: readonly VariantEntity[];
}

export function catalogViewer(viewer: Viewer): CatalogViewer {
  return { userId: viewer.userId, isAdmin: hasScope(viewer, 'catalog:admin') };
}

/**
 * A product that the viewer may manage, locked until the end of the transaction: acts on one product run one after the other, and each
 * sees what the one before it decided. Null when there is none or it is somebody else's.
 */
export async function lockOwnProduct({ em, viewer }: ActContext, productId: string): Promise<OwnProduct | null> {
  if (!isId('product', productId)) return null;
  const product = await em.findOne(ProductEntity, { id: productId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!product || !mayManage(catalogViewer(viewer), product)) return null;
  const variants = await em.find(VariantEntity, { product: productId, removedAt: null }, { orderBy: { position: 'asc' } });
  return { product, variants };
}

/** The same by one of its variants that are in sale. */
export async function lockOwnVariant(
  context: ActContext,
  variantId: string,
): Promise<(OwnProduct & { readonly variant: VariantEntity }) | null> {
  if (!isId('variant', variantId)) return null;
  const known = await context.em.findOne(VariantEntity, { id: variantId }, { fields: ['product'], disableIdentityMap: true });
  const own = known && (await lockOwnProduct(context, known.product.id));
  const variant = own?.variants.find(({ id }) => id === variantId);
  return own && variant ? { ...own, variant } : null;
}

/** Ends every act on a product: derived prices, version and search follow in the same transaction. `variants` are those in sale afterwards. */
export async function storeChange({ em, now, services }: ActContext, { product, variants }: OwnProduct): Promise<void> {
  product.priceBands = priceBandsOf(variants);
  product.updatedAt = now;
  await em.flush();
  if (product.status === 'ARCHIVED') await services.search.remove(em, product.id);
  else await services.search.put(em, { product, variants });
}
