import { describe, expect, it } from '@jest/globals';
import { becomesLow, decideAdjust, type StockLevel, shortages, sumDemand } from './stock.ts';

const level = (facts: Partial<StockLevel> = {}): StockLevel => ({
  variantId: 'a',
  vendorId: 'usr_1',
  onHand: 10,
  reserved: 4,
  lowStockThreshold: 5,
  ...facts,
});

describe('stock', () => {
  it('sums demand per variant and sorts it, so that locks are always taken in one order', () => {
    expect(
      sumDemand([
        { variantId: 'b', quantity: 1 },
        { variantId: 'a', quantity: 2 },
        { variantId: 'b', quantity: 3 },
      ]),
    ).toEqual([
      { variantId: 'a', quantity: 2 },
      { variantId: 'b', quantity: 4 },
    ]);
  });

  it('is short where less is left than wanted; what is unknown is not there', () => {
    const levels = new Map([['a', level()]]);
    expect(shortages([{ variantId: 'a', quantity: 6 }], levels)).toEqual([]);
    expect(
      shortages(
        [
          { variantId: 'a', quantity: 7 },
          { variantId: 'b', quantity: 1 },
        ],
        levels,
      ),
    ).toEqual([
      { variantId: 'a', requested: 7, available: 6 },
      { variantId: 'b', requested: 1, available: 0 },
    ]);
  });

  it('becomes low with the sale that crosses the threshold', () => {
    expect(becomesLow(level(), 1)).toBe(true);
    expect(becomesLow(level({ reserved: 5 }), 1)).toBe(false);
    expect(becomesLow(level({ onHand: 100 }), 1)).toBe(false);
  });

  it('is not adjusted below what is reserved, nor beyond what a counter holds', () => {
    expect(decideAdjust(level(), { onHand: 4 })).toEqual({ outcome: 'adjusted', delta: -6 });
    expect(decideAdjust(level(), { delta: -7 })).toEqual({ outcome: 'refused', reserved: 4 });
    expect(decideAdjust(level({ onHand: 1_000_000_000 }), { delta: 1 })).toEqual({ outcome: 'too much' });
  });
});
