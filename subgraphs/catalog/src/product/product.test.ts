import { describe, expect, it } from '@jest/globals';
import { isVisible, isVisibleByReference, mayManage, priceBandsOf, priceIn, publishObstacles } from './product.ts';

const vendor = { userId: 'usr_vendor', isAdmin: false };
const stranger = { userId: 'usr_stranger', isAdmin: false };
const visitor = { userId: null, isAdmin: false };
const admin = { userId: 'usr_admin', isAdmin: true };
const owned = { vendorId: 'usr_vendor' };

describe('who sees a product', () => {
  it('shows what is published to everybody', () => {
    expect(isVisible(visitor, { ...owned, status: 'PUBLISHED' })).toBe(true);
  });

  it.each(['DRAFT', 'ARCHIVED'] as const)('shows a product that is %s to its vendor and the admin only', (status) => {
    const seen = [vendor, admin, stranger, visitor].map((viewer) => isVisible(viewer, { ...owned, status }));
    expect(seen).toEqual([true, true, false, false]);
  });

  it('keeps what was sold once readable by reference, but never a draft that was put away', () => {
    expect(isVisibleByReference(visitor, { ...owned, status: 'ARCHIVED', publishedAt: new Date(0) })).toBe(true);
    expect(isVisibleByReference(visitor, { ...owned, status: 'ARCHIVED', publishedAt: null })).toBe(false);
    expect(isVisibleByReference(visitor, { ...owned, status: 'DRAFT', publishedAt: null })).toBe(false);
  });

  it('takes nobody for the vendor of nothing', () => {
    expect(mayManage(visitor, { vendorId: '' })).toBe(false);
  });
});

describe('publishing', () => {
  const priced = { prices: [{ currency: 'USD', minor: '100' }] };

  it('names everything that is missing', () => {
    expect(publishObstacles({ categoryId: null, variants: [] })).toEqual(['NO_VARIANT', 'NO_CATEGORY']);
    expect(publishObstacles({ categoryId: 'cat_1', variants: [{ prices: [] }] })).toEqual(['NO_PRICE']);
  });

  it('needs one variant that can be bought', () => {
    expect(publishObstacles({ categoryId: 'cat_1', variants: [{ prices: [] }, priced] })).toEqual([]);
  });
});

describe('prices', () => {
  const variants = [
    { prices: [{ currency: 'USD', minor: '2000' }] },
    {
      prices: [
        { currency: 'USD', minor: '500' },
        { currency: 'EUR', minor: '450' },
      ],
    },
  ];

  it('span each currency from the cheapest to the dearest variant', () => {
    expect(priceBandsOf(variants)).toEqual({ USD: { lowest: 500, highest: 2000 }, EUR: { lowest: 450, highest: 450 } });
  });

  it('are absent in a currency that is not sold in, and the first is the default', () => {
    const prices = variants[1]?.prices ?? [];
    expect(priceIn(prices, 'JPY')).toBeNull();
    expect(priceIn(prices)).toEqual({ currency: 'USD', minor: '500' });
    expect(priceIn([])).toBeNull();
  });
});
