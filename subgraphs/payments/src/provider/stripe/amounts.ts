import { type CurrencyCode, currencyExponent, isCurrencyCode } from '@tessera/schema/contract';
import type { AmountProblem, ProviderAmount } from '../provider-adapter.ts';
import { ProviderError } from '../provider-error.ts';

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

/** As Stripe writes money: an integer of the currency's smallest unit, and the code in lower case. */
export interface StripeAmount {
  readonly amount: number;
  readonly currency: string;
}

/** Why Stripe would not charge this, or null. */
export function chargeable({ currency, minor }: ProviderAmount): AmountProblem | null {
  const step = currencyExponent(currency) === DECIMALS_WITH_STEPS ? STEP_OF_THREE_DECIMALS : 1n;
  const bounds = { minimumMinor: MINIMA[currency], maximumMinor: MAXIMUM - (MAXIMUM % step) };
  if (minor < bounds.minimumMinor) return { kind: 'TOO_SMALL', ...bounds };
  if (minor > bounds.maximumMinor) return { kind: 'TOO_LARGE', ...bounds };
  return minor % step === 0n ? null : { kind: 'NOT_A_STEP', ...bounds };
}

/** Stripe's smallest unit is the ledger's minor unit for every currency of the platform: nothing is scaled. */
export function toStripe({ currency, minor }: ProviderAmount): StripeAmount {
  return { amount: Number(minor), currency: currency.toLowerCase() };
}

/** @throws ProviderError for a currency that the ledger does not have */
export function fromStripe({ amount, currency }: StripeAmount): ProviderAmount {
  return { currency: currencyFromStripe(currency), minor: BigInt(amount) };
}

/** @throws ProviderError for a currency that the ledger does not have */
export function currencyFromStripe(currency: string): CurrencyCode {
  const code = currency.toUpperCase();
  if (!isCurrencyCode(code)) throw new ProviderError('REJECTED', 'UNKNOWN_CURRENCY');
  return code;
}

/** Fees come in the currency that the account is paid out in; null where the ledger does not have it. */
export function feeFromStripe(amount: StripeAmount): ProviderAmount | null {
  return isCurrencyCode(amount.currency.toUpperCase()) ? fromStripe(amount) : null;
}
