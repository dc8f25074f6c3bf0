import { invalidParameter } from '../api/errors.ts';
import { checkCurrency, decimalsOf } from './currencies.ts';

/** The account is paid out in one currency: what is charged in another one is turned into it. `rate`: of one unit of any other, in this one. */
export interface Settlement {
  readonly currency: string;
  readonly rate: number;
}

export interface Settled {
  readonly amount: number;
  readonly fee: number;
  readonly currency: string;
  readonly exchange_rate: number | null;
}

/** @throws ApiError 400 for a currency that is not known, or a rate that is none */
export function checkSettlement({ currency, rate }: Settlement): Settlement {
  if (!(Number.isFinite(rate) && rate > 0)) throw invalidParameter('Invalid exchange rate', 'rate');
  return { currency: checkCurrency(currency), rate };
}

/** What a movement of the balance comes to there, in minor units rounded half up; there and back is nothing. */
export function settledIn(settlement: Settlement | null, moved: { amount: number; fee: number; currency: string }): Settled {
  if (!settlement || settlement.currency === moved.currency) return { ...moved, exchange_rate: null };
  const { currency, rate } = settlement;
  const scale = rate * 10 ** (decimalsOf(currency) - decimalsOf(moved.currency));
  const convert = (minor: number) => Math.sign(minor) * Math.round(Math.abs(minor) * scale);
  return { amount: convert(moved.amount), fee: convert(moved.fee), currency, exchange_rate: rate };
}
