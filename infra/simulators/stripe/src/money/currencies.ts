import { invalidParameter } from '../api/errors.ts';

interface Currency {
  readonly decimals: 0 | 2 | 3;
  /** The smallest charge, in minor units. */
  readonly minimum: number;
  /** The fixed part of the fee for a card payment, in minor units. */
  readonly fixedFee: number;
  /** What a dispute costs, in minor units. */
  readonly disputeFee: number;
}

/** https://docs.stripe.com/currencies: minimum amounts where Stripe prints one, else about half a US dollar as Stripe does by conversion. */
const CURRENCIES: Readonly<Record<string, Currency>> = {
  aud: twoDecimals(50),
  bhd: { decimals: 3, minimum: 200, fixedFee: 110, disputeFee: 5650 },
  brl: twoDecimals(50),
  cad: twoDecimals(50),
  chf: twoDecimals(50),
  cny: twoDecimals(400),
  czk: twoDecimals(1500),
  dkk: twoDecimals(250),
  eur: twoDecimals(50),
  gbp: twoDecimals(30),
  hkd: twoDecimals(400),
  inr: twoDecimals(50),
  jpy: { decimals: 0, minimum: 50, fixedFee: 30, disputeFee: 1500 },
  krw: { decimals: 0, minimum: 700, fixedFee: 400, disputeFee: 20_000 },
  kwd: { decimals: 3, minimum: 150, fixedFee: 90, disputeFee: 4600 },
  mxn: twoDecimals(1000),
  nok: twoDecimals(300),
  nzd: twoDecimals(50),
  pln: twoDecimals(200),
  sek: twoDecimals(300),
  sgd: twoDecimals(50),
  usd: twoDecimals(50),
  zar: twoDecimals(900),
};

const MAX_AMOUNT = 99_999_999;
const PER_MILLE_FEE = 29;

function twoDecimals(minimum: number): Currency {
  return { decimals: 2, minimum, fixedFee: 30, disputeFee: 1500 };
}

/** Lower case, known. @throws ApiError 400 */
export function checkCurrency(code: string, parameter = 'currency'): string {
  const currency = code.toLowerCase();
  if (!(currency in CURRENCIES)) {
    throw invalidParameter(
      `Invalid currency: ${currency}. Stripe currently supports these currencies: ${Object.keys(CURRENCIES).join(', ')}`,
      parameter,
    );
  }
  return currency;
}

/** Whether Stripe would charge this amount of minor units. @throws ApiError 400 amount_too_small, amount_too_large, parameter_invalid_integer */
export function checkAmount(amount: number, currency: string, parameter = 'amount'): number {
  const { minimum, decimals } = rulesOf(currency);
  if (amount < 1) throw invalidParameter('This value must be greater than or equal to 1.', parameter, 'parameter_invalid_integer');
  if (amount > MAX_AMOUNT)
    throw invalidParameter(`Amount must be no more than ${format(MAX_AMOUNT, currency)}`, parameter, 'amount_too_large');
  if (amount < minimum)
    throw invalidParameter(`Amount must be at least ${format(minimum, currency)} ${currency}`, parameter, 'amount_too_small');
  if (decimals === 3 && amount % 10 !== 0) {
    throw invalidParameter(
      `Invalid amount. The amount in ${currency} must be divisible by 10: its last digit is always 0.`,
      parameter,
      'invalid_charge_amount',
    );
  }
  return amount;
}

/** 2.9 % rounded half up, and a fixed part; minor units. */
export function cardFee(amount: number, currency: string): number {
  return Math.floor((amount * PER_MILLE_FEE + 500) / 1000) + rulesOf(currency).fixedFee;
}

export function disputeFee(currency: string): number {
  return rulesOf(currency).disputeFee;
}

export function decimalsOf(currency: string): number {
  return rulesOf(currency).decimals;
}

/** For messages and pages: `€12.34`, `¥500`. */
export function format(amount: number, currency: string): string {
  const { decimals } = rulesOf(currency);
  const formatter = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return formatter.format(amount / 10 ** decimals);
}

function rulesOf(currency: string): Currency {
  return CURRENCIES[currency] ?? twoDecimals(50);
}
