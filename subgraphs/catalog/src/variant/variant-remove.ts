import { lockOwnVariant, storeChange } from '../product/own-product.ts';
import { publishVariantRemoved } from '../product/product.event.ts';
import { ProductNotPublishable } from '../product/product.problem.ts';
import { publishObstacles } from '../product/product.ts';
import type { ActContext } from '../services.ts';
import { ProductVariantNotFound, VariantRemoved, type VariantRemoveInput } from './variant.type.ts';

/** Takes a variant out of sale; its sku is free again, and old orders still show it. A published product keeps one that can be bought. */
export async function variantRemove({ variantId }: VariantRemoveInput, context: ActContext) {
  const own = await lockOwnVariant(context, variantId);
  if (!own) return new ProductVariantNotFound();

  const { product, variant } = own;
  const variants = own.variants.filter(({ id }) => id !== variantId);
  const reasons = product.status === 'PUBLISHED' ? publishObstacles({ categoryId: product.categoryId, variants }) : [];
  if (reasons.length > 0) return new ProductNotPublishable(reasons);

  variant.removedAt = context.now;
  variant.updatedAt = context.now;
  await storeChange(context, { product, variants });
  publishVariantRemoved(context, product, variantId);
  return new VariantRemoved(product.id);
}
