import { describe, expect, it } from '@jest/globals';
import { defaultTitle, inOrder, misfitOf, samePrices } from './variant.ts';

const options = [
  { name: 'Colour', values: ['Black', 'White'] },
  { name: 'Size', values: ['S', 'M'] },
];
const choice = (sku: string, colour: string, size: string) => ({
  sku,
  optionValues: [
    { name: 'Size', value: size },
    { name: 'Colour', value: colour },
  ],
});

describe('variants of one product', () => {
  it('stand side by side when each chooses differently', () => {
    expect(misfitOf(options, [choice('a', 'Black', 'S'), choice('b', 'Black', 'M')])).toBeNull();
  });

  it.each([
    ['combination_taken', [choice('a', 'Black', 'S'), choice('b', 'Black', 'S')]],
    ['sku_repeated', [choice('a', 'Black', 'S'), choice('a', 'Black', 'M')]],
    ['value_unknown', [choice('a', 'Red', 'S')]],
    ['option_missing', [{ sku: 'a', optionValues: [{ name: 'Size', value: 'S' }] }]],
    ['option_missing', [{ sku: 'a', optionValues: [...choice('a', 'Black', 'S').optionValues, { name: 'Size', value: 'M' }] }]],
    ['option_unknown', [{ sku: 'a', optionValues: [...choice('a', 'Black', 'S').optionValues, { name: 'Shape', value: 'Round' }] }]],
  ] as const)('are refused with %s', (code, variants) => {
    expect(misfitOf(options, variants)?.code).toBe(code);
  });

  it('are two that choose the same when there is nothing to choose', () => {
    expect(
      misfitOf(
        [],
        [
          { sku: 'a', optionValues: [] },
          { sku: 'b', optionValues: [] },
        ],
      )?.code,
    ).toBe('combination_taken');
  });

  it('are titled by their values in the order of the options', () => {
    const values = inOrder(options, choice('a', 'Black', 'M').optionValues);
    expect(defaultTitle('Shirt', values, 200)).toBe('Black / M');
    expect(defaultTitle('Shirt', [], 200)).toBe('Shirt');
  });

  it('cost the same only with the same default currency', () => {
    const [usd, eur] = [
      { currency: 'USD', minor: '1' },
      { currency: 'EUR', minor: '1' },
    ];
    expect(samePrices([usd, eur], [usd, eur])).toBe(true);
    expect(samePrices([usd, eur], [eur, usd])).toBe(false);
    expect(samePrices([usd], [usd, eur])).toBe(false);
  });
});
