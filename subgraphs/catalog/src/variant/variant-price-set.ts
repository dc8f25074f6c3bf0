import { refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { lockOwnVariant, storeChange } from '../product/own-product.ts';
import { publishVariant } from '../product/product.event.ts';
import { ProductNotPublishable } from '../product/product.problem.ts';
import { publishObstacles } from '../product/product.ts';
import type { ActContext } from '../services.ts';
import { priceFacts } from './new-variant.ts';
import { pricesRule } from './variant.rules.ts';
import { samePrices } from './variant.ts';
import { ProductVariantNotFound, VariantPriceSet, type VariantPriceSetInput } from './variant.type.ts';

const rules = z.object({ prices: pricesRule });

/** Sets all prices of a variant at once. The same prices again: nothing happens, and nothing is told. */
export async function variantPriceSet(input: VariantPriceSetInput, context: ActContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const own = await lockOwnVariant(context, input.variantId);
  if (!own) return new ProductVariantNotFound();

  const { product, variants, variant } = own;
  const prices = priceFacts(input.prices);
  if (samePrices(prices, variant.prices)) return new VariantPriceSet(variant.id);
  const afterwards = variants.map((sibling) => (sibling === variant ? { prices } : sibling));
  const reasons = product.status === 'PUBLISHED' ? publishObstacles({ categoryId: product.categoryId, variants: afterwards }) : [];
  if (reasons.length > 0) return new ProductNotPublishable(reasons);

  variant.prices = prices;
  variant.updatedAt = context.now;
  await storeChange(context, own);
  publishVariant(context, 'PriceChanged', product, variant);
  return new VariantPriceSet(variant.id);
}
