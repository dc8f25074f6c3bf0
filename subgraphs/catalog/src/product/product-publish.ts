import type { ActContext } from '../services.ts';
import { lockOwnProduct, storeChange } from './own-product.ts';
import { publishProduct } from './product.event.ts';
import type { ProductPublishInput } from './product.input.ts';
import { ProductNotFound, ProductNotPublishable } from './product.problem.ts';
import { publishObstacles } from './product.ts';
import { ProductPublished } from './product.type.ts';

/** Shows a draft, or an archived product again, to customers. Published already: nothing happens, and nothing is told twice. */
export async function productPublish({ productId }: ProductPublishInput, context: ActContext) {
  const own = await lockOwnProduct(context, productId);
  if (!own) return new ProductNotFound();
  const { product, variants } = own;
  if (product.status === 'PUBLISHED') return new ProductPublished(product.id);

  const reasons = publishObstacles({ categoryId: product.categoryId, variants });
  if (reasons.length > 0) return new ProductNotPublishable(reasons);

  product.status = 'PUBLISHED';
  product.publishedAt ??= context.now;
  await storeChange(context, own);
  publishProduct(context, 'ProductPublished', product);
  return new ProductPublished(product.id);
}
