import { describe, expect, it } from '@jest/globals';
import { normalisedAddress, riskOf } from './risk.ts';
import { misfitOf, tenderChoiceOf } from './tender.ts';

describe('what belongs to a tender', () => {
  it.each([
    [{ tender: 'WALLET', walletId: 'wal_1' }, null],
    [{ tender: 'WALLET' }, 'walletId'],
    [{ tender: 'WALLET', walletId: 'wal_1', paymentMethodId: 'pmt_1' }, 'paymentMethodId'],
    [{ tender: 'CARD' }, null],
    [{ tender: 'CARD', paymentMethodId: 'pmt_1' }, null],
    [{ tender: 'CARD', walletId: 'wal_1' }, 'walletId'],
  ] as const)('%j: %s is wrong', (input, path) => {
    expect(misfitOf(input)?.path ?? null).toBe(path);
  });

  it('is told to payments whole: a page of the provider unless the client wants another way', () => {
    expect(tenderChoiceOf({ tender: 'CARD' })).toEqual({
      tender: 'CARD',
      walletId: null,
      paymentMethodId: null,
      clientMode: 'HOSTED_PAGE',
    });
    expect(tenderChoiceOf({ tender: 'CARD', paymentMethodId: 'pmt_1', clientMode: 'CONFIRM_IN_PAGE' })).toMatchObject({
      paymentMethodId: 'pmt_1',
      clientMode: 'CONFIRM_IN_PAGE',
    });
    expect(tenderChoiceOf({ tender: 'WALLET', walletId: 'wal_1' })).toMatchObject({ tender: 'WALLET', walletId: 'wal_1' });
  });
});

describe('what tells purchases apart', () => {
  const home = {
    name: 'Ada',
    line1: '1  Main\tStreet ',
    line2: null,
    city: 'BERLIN',
    region: null,
    postalCode: '10115',
    country: 'DE',
    phone: '+4930123456',
  };
  const recognise = (kind: string, text: string) => `${kind}:${text}`;

  it('is the place, whoever receives there and however it is typed', () => {
    const other = { ...home, name: 'Bob', phone: null, line1: '1 main street', city: 'Berlin' };
    expect(normalisedAddress(other)).toBe(normalisedAddress(home));
    expect(normalisedAddress({ ...home, line1: '2 Main Street' })).not.toBe(normalisedAddress(home));
    expect(normalisedAddress({ ...home, line2: 'Berlin', city: '' })).not.toBe(normalisedAddress({ ...home, line2: null, city: 'Berlin' }));
  });

  it('goes out as keys and a country, and as nothing where there is nothing', () => {
    expect(riskOf({ recognise }, '203.0.113.7', home)).toEqual({
      addressKey: 'client-address:203.0.113.7',
      shippingKey: 'postal-address:1 main street\n\nberlin\n\n10115\nde',
      shippingCountry: 'DE',
    });
    expect(riskOf({ recognise }, null, null)).toEqual({ addressKey: null, shippingKey: null, shippingCountry: null });
  });
});
