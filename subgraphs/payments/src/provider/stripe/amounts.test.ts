import { describe, expect, it } from '@jest/globals';
import { CURRENCIES, type CurrencyCode, cardAmountProblem } from '@tessera/schema/contract';
import { ProviderError } from '../provider-error.ts';
import { currencyFromStripe, feeFromStripe, fromStripe, toStripe } from './amounts.ts';

const CODES = Object.keys(CURRENCIES) as CurrencyCode[]; // the record has no other keys

/** [decimals, smallest, largest, step] that Stripe charges, written out so that a change has to be made twice. */
const RULES: Readonly<Record<CurrencyCode, readonly [decimals: number, minimum: bigint, maximum: bigint, step: bigint]>> = {
  AUD: [2, 50n, 99_999_999n, 1n],
  BHD: [3, 220n, 99_999_990n, 10n],
  BRL: [2, 50n, 99_999_999n, 1n],
  CAD: [2, 50n, 99_999_999n, 1n],
  CHF: [2, 50n, 99_999_999n, 1n],
  CNY: [2, 400n, 99_999_999n, 1n],
  CZK: [2, 1_500n, 99_999_999n, 1n],
  DKK: [2, 250n, 99_999_999n, 1n],
  EUR: [2, 50n, 99_999_999n, 1n],
  GBP: [2, 30n, 99_999_999n, 1n],
  HKD: [2, 400n, 99_999_999n, 1n],
  INR: [2, 50n, 99_999_999n, 1n],
  JPY: [0, 50n, 99_999_999n, 1n],
  KRW: [0, 800n, 99_999_999n, 1n],
  KWD: [3, 180n, 99_999_990n, 10n],
  MXN: [2, 1_000n, 99_999_999n, 1n],
  NOK: [2, 300n, 99_999_999n, 1n],
  NZD: [2, 50n, 99_999_999n, 1n],
  PLN: [2, 200n, 99_999_999n, 1n],
  SEK: [2, 300n, 99_999_999n, 1n],
  SGD: [2, 50n, 99_999_999n, 1n],
  USD: [2, 50n, 99_999_999n, 1n],
  ZAR: [2, 1_000n, 99_999_999n, 1n],
};

/** https://docs.stripe.com/currencies#zero-decimal: among them, but charged with two decimals of zeros, are ISK and UGX; the platform has neither. */
const STRIPE_DECIMALS: Readonly<Record<string, number>> = { BHD: 3, KWD: 3, JPY: 0, KRW: 0 };

describe.each(CODES)('amounts in %s', (currency) => {
  const [decimals, minimum, maximum, step] = RULES[currency];

  it('have the same unit at Stripe as in the ledger', () => {
    expect(CURRENCIES[currency]).toBe(decimals);
    expect(STRIPE_DECIMALS[currency] ?? 2).toBe(decimals);
    expect(toStripe({ currency, minor: 12_340n })).toEqual({ amount: 12_340, currency: currency.toLowerCase() });
  });

  it('come back as they went', () => {
    for (const minor of [0n, 1n, minimum, maximum]) expect(fromStripe(toStripe({ currency, minor }))).toEqual({ currency, minor });
  });

  it('are charged from the smallest to the largest, in steps', () => {
    const bounds = { minimumMinor: minimum, maximumMinor: maximum };
    expect(cardAmountProblem({ currency, minor: minimum })).toBeNull();
    expect(cardAmountProblem({ currency, minor: maximum })).toBeNull();
    expect(cardAmountProblem({ currency, minor: minimum - step })).toEqual({ kind: 'TOO_SMALL', ...bounds });
    expect(cardAmountProblem({ currency, minor: maximum + step })).toEqual({ kind: 'TOO_LARGE', ...bounds });
    expect(cardAmountProblem({ currency, minor: minimum + 1n })).toEqual(step === 1n ? null : { kind: 'NOT_A_STEP', ...bounds });
  });
});

describe('amounts in other currencies', () => {
  it('are not taken for one of ours', () => {
    expect(() => currencyFromStripe('isk')).toThrow(ProviderError);
    expect(() => fromStripe({ amount: 100, currency: 'xyz' })).toThrow(ProviderError);
  });

  it('are left out when they are fees', () => {
    expect(feeFromStripe({ amount: 59, currency: 'usd' })).toEqual({ currency: 'USD', minor: 59n });
    expect(feeFromStripe({ amount: 59, currency: 'isk' })).toBeNull();
  });
});
