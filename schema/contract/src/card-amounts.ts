/** Which amounts cards are charged: so that a checkout is refused that could not be paid, and payments refuses the same. */
import { type CurrencyCode, currencyExponent } from './currencies.ts';

/**
 * The smallest charge per currency, in minor units. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts prints most; of the
 * others (BHD, CNY, KRW, KWD, ZAR) Stripe wants half a US dollar at the day's rate, so they have a reserve.
 */
const MINIMA: Readonly<Record<CurrencyCode, bigint>> = {
  AUD: 50n,
  BHD: 220n,
  BRL: 50n,
  CAD: 50n,
  CHF: 50n,
  CNY: 400n,
  CZK: 1_500n,
  DKK: 250n,
  EUR: 50n,
  GBP: 30n,
  HKD: 400n,
  INR: 50n,
  JPY: 50n,
  KRW: 800n,
  KWD: 180n,
  MXN: 1_000n,
  NOK: 300n,
  NZD: 50n,
  PLN: 200n,
  SEK: 300n,
  SGD: 50n,
  USD: 50n,
  ZAR: 1_000n,
};

/** Eight digits, whatever the unit. */
const MAXIMUM = 99_999_999n;
/** Of a currency with three decimals Stripe takes two. */
const STEP_OF_THREE_DECIMALS = 10n;
const DECIMALS_WITH_STEPS = 3;

export interface CardAmount {
  readonly currency: CurrencyCode;
  readonly minor: bigint;
}

/** `TOO_SMALL`, `TOO_LARGE`: see the bounds. `NOT_A_STEP`: the currency is charged in steps only (KWD and BHD in tens). */
export interface CardAmountProblem {
  readonly kind: 'TOO_SMALL' | 'TOO_LARGE' | 'NOT_A_STEP';
  readonly minimumMinor: bigint;
  readonly maximumMinor: bigint;
}

/** Why a card would not be charged this, or null; known without asking the provider. */
export function cardAmountProblem({ currency, minor }: CardAmount): CardAmountProblem | null {
  const step = currencyExponent(currency) === DECIMALS_WITH_STEPS ? STEP_OF_THREE_DECIMALS : 1n;
  const bounds = { minimumMinor: MINIMA[currency], maximumMinor: MAXIMUM - (MAXIMUM % step) };
  if (minor < bounds.minimumMinor) return { kind: 'TOO_SMALL', ...bounds };
  if (minor > bounds.maximumMinor) return { kind: 'TOO_LARGE', ...bounds };
  return minor % step === 0n ? null : { kind: 'NOT_A_STEP', ...bounds };
}
