import type { CurrencyCode } from '@tessera/schema/contract';
import type { CartLineFacts } from '../cart/cart.ts';
import type { FlatShipping } from '../config.ts';
import { lineTitle, type ProductKind, priceIn, type VariantFacts } from '../variant/variant.ts';

/** One line of a quote: price and names as they were quoted. */
export interface QuoteLine {
  readonly variantId: string;
  readonly productId: string;
  readonly vendorId: string;
  readonly kind: ProductKind;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly unitMinor: bigint;
}

export interface QuoteTotals {
  readonly subtotalMinor: bigint;
  readonly discountMinor: bigint;
  readonly shippingMinor: bigint;
  readonly taxMinor: bigint;
  readonly totalMinor: bigint;
}

/** What an order may deliver of digital units at once: bounds the events and answers that name them. */
export const MAX_DIGITAL_UNITS = 500;

export type PricingDecision =
  | { readonly outcome: 'priced'; readonly lines: readonly QuoteLine[] }
  | { readonly outcome: 'not sold'; readonly variantIds: readonly string[] }
  | { readonly outcome: 'not in currency'; readonly variantIds: readonly string[] }
  | { readonly outcome: 'too many units' };

/** Prices the lines of a cart as of now. */
export function priceLines(
  lines: readonly CartLineFacts[],
  variants: ReadonlyMap<string, VariantFacts>,
  currency: CurrencyCode,
): PricingDecision {
  const notSold = lines.filter(({ variantId }) => !variants.get(variantId)?.isSold);
  if (notSold.length > 0) return { outcome: 'not sold', variantIds: notSold.map(({ variantId }) => variantId) };
  const priced = lines.flatMap(({ variantId, quantity }): QuoteLine[] => {
    const variant = variants.get(variantId);
    const unitMinor = variant ? priceIn(variant, currency) : null;
    if (!variant || unitMinor === null) return [];
    const { productId, vendorId, kind, sku } = variant;
    return [{ variantId, productId, vendorId, kind, sku, title: lineTitle(variant), quantity, unitMinor }];
  });
  const known = new Set(priced.map(({ variantId }) => variantId));
  if (priced.length < lines.length) {
    return { outcome: 'not in currency', variantIds: lines.flatMap(({ variantId }) => (known.has(variantId) ? [] : [variantId])) };
  }
  const units = priced.reduce((sum, { kind, quantity }) => sum + (kind === 'DIGITAL_UNITS' ? quantity : 0), 0);
  return units > MAX_DIGITAL_UNITS ? { outcome: 'too many units' } : { outcome: 'priced', lines: priced };
}

export function needsShipping(lines: readonly Pick<QuoteLine, 'kind'>[]): boolean {
  return lines.some((line) => line.kind === 'PHYSICAL');
}

/** Flat per order; nothing for what travels by wire, or in a currency that has no rate. */
export function shippingFor(lines: readonly QuoteLine[], currency: CurrencyCode, flat: FlatShipping): bigint {
  return needsShipping(lines) ? (flat[currency] ?? 0n) : 0n;
}

export function totals(lines: readonly QuoteLine[], extras: Omit<QuoteTotals, 'subtotalMinor' | 'totalMinor'>): QuoteTotals {
  const subtotalMinor = lines.reduce((sum, { unitMinor, quantity }) => sum + unitMinor * BigInt(quantity), 0n);
  const totalMinor = subtotalMinor - extras.discountMinor + extras.shippingMinor + extras.taxMinor;
  return { ...extras, subtotalMinor, totalMinor };
}

/** Whether what was quoted is what is in the cart, at today's prices. Names may change without anybody minding. */
export function isSameOffer(quoted: readonly QuoteLine[], today: readonly QuoteLine[]): boolean {
  if (quoted.length !== today.length) return false;
  const known = new Map(quoted.map((line) => [line.variantId, line]));
  return today.every(({ variantId, quantity, unitMinor }) => {
    const line = known.get(variantId);
    return line?.quantity === quantity && line.unitMinor === unitMinor;
  });
}
