import { invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { lockOwnVariant, storeChange } from '../product/own-product.ts';
import { publishVariant } from '../product/product.event.ts';
import type { ActContext } from '../services.ts';
import { attributeFacts, takenSku } from './new-variant.ts';
import { variantChangeRules } from './variant.rules.ts';
import { inOrder, misfitOf } from './variant.ts';
import { ProductVariantNotFound, SkuTaken, VariantUpdated, type VariantUpdateInput } from './variant.type.ts';

/** Changes what is given about a variant of the caller. Prices have an act of their own. */
export async function variantUpdate(input: VariantUpdateInput, context: ActContext) {
  const refused = refuseInvalid(variantChangeRules, input);
  if (refused) return refused;
  const own = await lockOwnVariant(context, input.variantId);
  if (!own) return new ProductVariantNotFound();

  const { product, variants, variant } = own;
  const { sku, title, weightGrams, optionValues, attributes } = input;
  if (sku && (await takenSku(context.em, product.vendorId, [sku], variant.id))) return new SkuTaken(sku);
  const siblings = variants.filter(({ id }) => id !== variant.id);
  const misfit = optionValues ? misfitOf(product.options, [...siblings, { sku: sku ?? variant.sku, optionValues }]) : null;
  if (misfit) return invalidField('optionValues', misfit.code, misfit.message);

  const before = { sku: variant.sku, title: variant.title };
  if (sku) variant.sku = sku;
  if (title) variant.title = title.trim();
  if (weightGrams) variant.weightGrams = weightGrams;
  if (optionValues) variant.optionValues = inOrder(product.options, optionValues);
  if (attributes) variant.attributes = attributeFacts(attributes);
  variant.updatedAt = context.now;
  await storeChange(context, own);
  if (variant.sku !== before.sku || variant.title !== before.title) publishVariant(context, 'VariantChanged', product, variant);
  return new VariantUpdated(variant.id);
}
