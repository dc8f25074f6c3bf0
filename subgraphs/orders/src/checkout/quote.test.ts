import { describe, expect, it } from '@jest/globals';
import type { VariantFacts } from '../variant/variant.ts';
import { isSameOffer, priceLines, type QuoteLine, shippingFor, totals } from './quote.ts';
import { vendorParts, vendorShares } from './shares.ts';

const aVariant = (facts: Partial<VariantFacts> = {}): VariantFacts => ({
  id: 'var_1',
  productId: 'prd_1',
  vendorId: 'usr_1',
  sku: 'S',
  title: 'Blue',
  productTitle: 'Thing',
  kind: 'PHYSICAL',
  prices: [{ currency: 'USD', minor: '1000' }],
  isSold: true,
  ...facts,
});
const aLine = (line: Partial<QuoteLine> = {}): QuoteLine => ({
  variantId: 'var_1',
  productId: 'prd_1',
  vendorId: 'usr_1',
  kind: 'PHYSICAL',
  sku: 'S',
  title: 'T',
  quantity: 1,
  unitMinor: 1_000n,
  ...line,
});
const none = { discountMinor: 0n, taxMinor: 0n, shippingMinor: 0n };

describe('a quote', () => {
  const wanted = [{ variantId: 'var_1', quantity: 2 }];

  it('prices what is sold in the currency, and names what is not', () => {
    expect(priceLines(wanted, new Map([['var_1', aVariant()]]), 'USD')).toMatchObject({
      outcome: 'priced',
      lines: [{ unitMinor: 1_000n, title: 'Thing – Blue' }],
    });
    expect(priceLines(wanted, new Map([['var_1', aVariant()]]), 'EUR')).toEqual({ outcome: 'not in currency', variantIds: ['var_1'] });
    expect(priceLines(wanted, new Map([['var_1', aVariant({ isSold: false })]]), 'USD')).toEqual({
      outcome: 'not sold',
      variantIds: ['var_1'],
    });
    expect(priceLines(wanted, new Map(), 'USD')).toEqual({ outcome: 'not sold', variantIds: ['var_1'] });
  });

  it('refuses more digital units than one order may deliver', () => {
    expect(priceLines([{ variantId: 'var_1', quantity: 501 }], new Map([['var_1', aVariant({ kind: 'DIGITAL_UNITS' })]]), 'USD')).toEqual({
      outcome: 'too many units',
    });
  });

  it('ships digital units for nothing', () => {
    expect(shippingFor([aLine({ kind: 'DIGITAL_UNITS' })], 'USD', { USD: 499n })).toBe(0n);
    expect(shippingFor([aLine(), aLine({ kind: 'DIGITAL_UNITS' })], 'USD', { USD: 499n })).toBe(499n);
    expect(shippingFor([aLine()], 'JPY', { USD: 499n })).toBe(0n);
  });

  it('is another offer when price, quantity or lines differ, not when a name does', () => {
    expect(isSameOffer([aLine()], [aLine({ title: 'Renamed' })])).toBe(true);
    for (const other of [aLine({ unitMinor: 999n }), aLine({ quantity: 2 }), aLine({ variantId: 'var_2' })])
      expect(isSameOffer([aLine()], [other])).toBe(false);
    expect(isSameOffer([aLine()], [aLine(), aLine({ variantId: 'var_2' })])).toBe(false);
  });
});

describe('the shares of vendors', () => {
  it('add up to the total, shipping going to who sends parcels', () => {
    const lines = [
      aLine({ vendorId: 'usr_a', unitMinor: 333n }),
      aLine({ vendorId: 'usr_b', unitMinor: 667n, variantId: 'var_2' }),
      aLine({ vendorId: 'usr_c', unitMinor: 100n, kind: 'DIGITAL_UNITS', variantId: 'var_3' }),
    ];
    const sum = totals(lines, { discountMinor: 7n, taxMinor: 11n, shippingMinor: 100n });
    const shares = vendorShares(lines, sum, 'USD');
    expect(shares.reduce((total, share) => total + share.minor, 0n)).toBe(sum.totalMinor);
    const parts = [...vendorParts(lines, sum, 'USD').values()];
    for (const key of ['subtotalMinor', 'discountMinor', 'shippingMinor', 'taxMinor', 'totalMinor'] as const) {
      expect(parts.reduce((total, part) => total + part[key], 0n)).toBe(sum[key]);
    }
    expect(parts[2]).toMatchObject({ subtotalMinor: 100n, shippingMinor: 0n });
  });

  it('leave out who gets nothing, and give shipping of things for free to who sends them', () => {
    const lines = [
      aLine({ vendorId: 'usr_a', unitMinor: 0n }),
      aLine({ vendorId: 'usr_b', unitMinor: 0n, kind: 'DIGITAL_UNITS', variantId: 'var_2' }),
    ];
    expect(vendorShares(lines, totals(lines, { ...none, shippingMinor: 499n }), 'USD')).toEqual([{ vendorId: 'usr_a', minor: 499n }]);
  });
});
