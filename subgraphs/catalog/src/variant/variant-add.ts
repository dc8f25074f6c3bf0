import { invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { lockOwnProduct, storeChange } from '../product/own-product.ts';
import { publishVariant } from '../product/product.event.ts';
import { ProductNotFound } from '../product/product.problem.ts';
import { MAX_VARIANTS } from '../product/product.ts';
import type { ActContext } from '../services.ts';
import { createVariant, takenSku } from './new-variant.ts';
import { VariantEntity } from './variant.entity.ts';
import { variantRules } from './variant.rules.ts';
import { misfitOf } from './variant.ts';
import { SkuTaken, VariantAdded, type VariantAddInput } from './variant.type.ts';

/** Adds a variant to a product of the caller; orders hears of it, so that its stock can be counted. */
export async function variantAdd(input: VariantAddInput, context: ActContext) {
  const refused = refuseInvalid(variantRules, input);
  if (refused) return refused;
  const own = await lockOwnProduct(context, input.productId);
  if (!own) return new ProductNotFound();

  const { em, now } = context;
  const { product, variants } = own;
  if (variants.length >= MAX_VARIANTS) return invalidField('productId', 'too_big', `A product has at most ${MAX_VARIANTS} variants.`);
  if (await takenSku(em, product.vendorId, [input.sku])) return new SkuTaken(input.sku);
  const misfit = misfitOf(product.options, [...variants, { sku: input.sku, optionValues: input.optionValues ?? [] }]);
  if (misfit) return invalidField('optionValues', misfit.code, misfit.message);

  const [last] = await em.find(VariantEntity, { product: product.id }, { orderBy: { position: 'desc' }, limit: 1 });
  const variant = createVariant(em, product, input, (last?.position ?? 0) + 1, now);
  await storeChange(context, { product, variants: [...variants, variant] });
  publishVariant(context, 'VariantAdded', product, variant);
  return new VariantAdded(variant.id);
}
