import type { ActContext } from '../services.ts';
import { lockOwnProduct, storeChange } from './own-product.ts';
import { publishProduct } from './product.event.ts';
import type { ProductArchiveInput } from './product.input.ts';
import { ProductNotFound } from './product.problem.ts';
import { ProductArchived } from './product.type.ts';

/** Takes a product out of sale. Archived already: nothing happens, and nothing is told twice. */
export async function productArchive({ productId }: ProductArchiveInput, context: ActContext) {
  const own = await lockOwnProduct(context, productId);
  if (!own) return new ProductNotFound();
  const { product } = own;
  if (product.status === 'ARCHIVED') return new ProductArchived(product.id);

  product.status = 'ARCHIVED';
  await storeChange(context, own);
  publishProduct(context, 'ProductArchived', product);
  return new ProductArchived(product.id);
}
