import type { CurrencyCode } from '@tessera/schema/contract';
import type { VariantFacts } from '../variant/variant.ts';
import { priceIn } from '../variant/variant.ts';

export const MAX_LINES = 100;
export const MAX_QUANTITY = 999;

/** What somebody has put aside to buy; titles and prices are looked up when it is read. */
export interface CartLineFacts {
  readonly variantId: string;
  readonly quantity: number;
}

export type LineDecision =
  | { readonly outcome: 'changed'; readonly quantity: number }
  | { readonly outcome: 'full' }
  | { readonly outcome: 'too many' };

/** Puts more of a variant into the cart. */
export function decideAdd(lines: readonly CartLineFacts[], variantId: string, quantity: number): LineDecision {
  const known = lines.find((line) => line.variantId === variantId);
  if (!known && lines.length >= MAX_LINES) return { outcome: 'full' };
  const sum = (known?.quantity ?? 0) + quantity;
  return sum > MAX_QUANTITY ? { outcome: 'too many' } : { outcome: 'changed', quantity: sum };
}

/** Says how many of a variant are in the cart. */
export function decideSet(lines: readonly CartLineFacts[], variantId: string, quantity: number): LineDecision {
  const isKnown = lines.some((line) => line.variantId === variantId);
  return !isKnown && lines.length >= MAX_LINES ? { outcome: 'full' } : { outcome: 'changed', quantity };
}

export type MergeDecision = { readonly outcome: 'merged'; readonly lines: readonly CartLineFacts[] } | { readonly outcome: 'full' };

/** Both carts in one, without loss: quantities add up, to at most what a line may hold. Refused where lines would have to go. */
export function decideMerge(own: readonly CartLineFacts[], other: readonly CartLineFacts[]): MergeDecision {
  const quantities = new Map(own.map((line) => [line.variantId, line.quantity]));
  for (const { variantId, quantity } of other)
    quantities.set(variantId, Math.min((quantities.get(variantId) ?? 0) + quantity, MAX_QUANTITY));
  if (quantities.size > MAX_LINES) return { outcome: 'full' };
  return { outcome: 'merged', lines: [...quantities].map(([variantId, quantity]) => ({ variantId, quantity })) };
}

/** A line as it is worth today; without a price where it cannot be bought any more, or not in this currency. */
export interface PricedLine extends CartLineFacts {
  readonly variant: VariantFacts | null;
  readonly unitMinor: bigint | null;
}

export function priceLine(line: CartLineFacts, variant: VariantFacts | undefined, currency: CurrencyCode): PricedLine {
  return { ...line, variant: variant ?? null, unitMinor: variant?.isSold ? priceIn(variant, currency) : null };
}

/** The sum of what can be bought. */
export function subtotal(lines: readonly PricedLine[]): bigint {
  return lines.reduce((sum, { unitMinor, quantity }) => sum + (unitMinor ?? 0n) * BigInt(quantity), 0n);
}
