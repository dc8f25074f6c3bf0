import { describe, expect, it } from '@jest/globals';
import { decideAdd, decideMerge, decideSet, MAX_LINES } from './cart.ts';

const full = Array.from({ length: MAX_LINES }, (_, index) => ({ variantId: `var_${index}`, quantity: 1 }));

describe('a cart', () => {
  it('adds up what is added, to at most 999 of a variant', () => {
    expect(decideAdd([{ variantId: 'var_1', quantity: 2 }], 'var_1', 3)).toEqual({ outcome: 'changed', quantity: 5 });
    expect(decideAdd([{ variantId: 'var_1', quantity: 998 }], 'var_1', 2)).toEqual({ outcome: 'too many' });
  });

  it('holds 100 variants; those that are in it may still change', () => {
    expect(decideAdd(full, 'var_new', 1)).toEqual({ outcome: 'full' });
    expect(decideSet(full, 'var_new', 1)).toEqual({ outcome: 'full' });
    expect(decideAdd(full, 'var_0', 1)).toEqual({ outcome: 'changed', quantity: 2 });
  });

  it('merges without loss or not at all', () => {
    expect(
      decideMerge(
        [{ variantId: 'a', quantity: 998 }],
        [
          { variantId: 'a', quantity: 5 },
          { variantId: 'b', quantity: 1 },
        ],
      ),
    ).toEqual({
      outcome: 'merged',
      lines: [
        { variantId: 'a', quantity: 999 },
        { variantId: 'b', quantity: 1 },
      ],
    });
    expect(decideMerge(full, [{ variantId: 'var_new', quantity: 1 }])).toEqual({ outcome: 'full' });
  });
});
