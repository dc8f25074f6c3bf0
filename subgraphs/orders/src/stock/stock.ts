/** Rules of stock: plain data in, decision out. */

export interface Demand {
  readonly variantId: string;
  readonly quantity: number;
}

export interface StockLevel {
  readonly variantId: string;
  readonly vendorId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly lowStockThreshold: number;
}

export interface Shortage {
  readonly variantId: string;
  readonly requested: number;
  readonly available: number;
}

/** One entry per variant, sorted by id: whoever locks stock locks it in this order. */
export function sumDemand(lines: readonly Demand[]): Demand[] {
  const quantities = new Map<string, number>();
  for (const { variantId, quantity } of lines) quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
  return [...quantities].map(([variantId, quantity]) => ({ variantId, quantity })).sort((a, b) => (a.variantId < b.variantId ? -1 : 1));
}

export function available({ onHand, reserved }: Pick<StockLevel, 'onHand' | 'reserved'>): number {
  return onHand - reserved;
}

/** What cannot be served in full; a variant without stock counts as 0. */
export function shortages(demand: readonly Demand[], levels: ReadonlyMap<string, StockLevel>): Shortage[] {
  return demand.flatMap(({ variantId, quantity }) => {
    const level = levels.get(variantId);
    const left = level ? available(level) : 0;
    return left < quantity ? [{ variantId, requested: quantity, available: left }] : [];
  });
}

/** Whether taking this much brings the stock from above its threshold to or below it: told once, not with every sale after. */
export function becomesLow(level: StockLevel, quantity: number): boolean {
  const before = available(level);
  return before > level.lowStockThreshold && before - quantity <= level.lowStockThreshold;
}

export type AdjustDecision =
  | { readonly outcome: 'adjusted'; readonly delta: number }
  | { readonly outcome: 'refused'; readonly reserved: number }
  | { readonly outcome: 'too much' };

/** Keeps the counter far within 32 bits. */
export const MAX_ON_HAND = 1_000_000_000;

/** On hand may not fall below what orders have reserved. */
export function decideAdjust(
  { onHand, reserved }: StockLevel,
  change: { readonly delta: number } | { readonly onHand: number },
): AdjustDecision {
  const delta = 'delta' in change ? change.delta : change.onHand - onHand;
  if (onHand + delta > MAX_ON_HAND) return { outcome: 'too much' };
  return onHand + delta < reserved ? { outcome: 'refused', reserved } : { outcome: 'adjusted', delta };
}
