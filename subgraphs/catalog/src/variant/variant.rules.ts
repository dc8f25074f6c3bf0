import { z } from 'zod';
import { line } from '../input-rules.ts';
import { MAX_PRICE_MINOR } from '../product/product.ts';

export const MAX_VARIANT_TITLE = 200;
const MAX_WEIGHT_GRAMS = 1_000_000;

const sku = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, hyphens, slashes and underscores');
const price = z.object({ currency: z.string(), minor: z.bigint().min(0n).max(MAX_PRICE_MINOR) });

export const pricesRule = z
  .array(price)
  .max(30)
  .refine((prices) => areDifferent(prices.map(({ currency }) => currency)), 'must hold one price per currency');

const shared = {
  weightGrams: z.number().int().min(1).max(MAX_WEIGHT_GRAMS).nullish(),
  optionValues: z
    .array(z.object({ name: line(60), value: line(60) }))
    .max(10)
    .nullish(),
  attributes: z
    .array(z.object({ name: line(60), value: line(500) }))
    .max(50)
    .nullish(),
};

export const variantRules = z.object({ sku, title: line(MAX_VARIANT_TITLE).nullish(), prices: pricesRule.nullish(), ...shared });
export const variantChangeRules = z.object({ sku: sku.nullish(), title: line(MAX_VARIANT_TITLE).nullish(), ...shared });

export function areDifferent(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}
