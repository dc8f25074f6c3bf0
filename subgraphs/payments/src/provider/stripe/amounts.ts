import { type CurrencyCode, isCurrencyCode } from '@tessera/schema/contract';
import type { ProviderAmount } from '../provider-adapter.ts';
import { ProviderError } from '../provider-error.ts';

/** As Stripe writes money: an integer of the currency's smallest unit, and the code in lower case. */
export interface StripeAmount {
  readonly amount: number;
  readonly currency: string;
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
