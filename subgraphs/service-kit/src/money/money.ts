import { type CurrencyCode, currencyExponent, isCurrencyCode } from '@tessera/schema/contract';
import { InvariantViolation, TesseraError } from '../errors/index.ts';

const MAX_MINOR = 2n ** 63n - 1n;
const MIN_MINOR = -(2n ** 63n);
const BASIS_POINTS = 10_000n;
const CANONICAL_INTEGER = /^(0|-?[1-9]\d{0,18})$/;

/** An amount in the smallest unit of its currency: 12.34 EUR is `{ currency: 'EUR', minor: 1234n }`. Always within 64 bits. */
export interface MoneyValue {
  readonly currency: CurrencyCode;
  readonly minor: bigint;
}

/** Money in events and JSON: `minor` is a canonical decimal integer. */
export interface MoneyWire {
  readonly currency: string;
  readonly minor: string;
}

/** Throws `InvariantViolation` outside 64 bits, as everything here that computes an amount does. */
export function money(currency: CurrencyCode, minor: bigint): MoneyValue {
  if (minor > MAX_MINOR || minor < MIN_MINOR) throw new InvariantViolation(`Amount beyond 64 bits: ${minor} ${currency}`);
  return { currency, minor };
}

/** Throws `InvariantViolation` when the currencies differ: there is no conversion. */
export function add(left: MoneyValue, right: MoneyValue): MoneyValue {
  requireSameCurrency(left.currency, right);
  return money(left.currency, left.minor + right.minor);
}

/** Throws `InvariantViolation` when the currencies differ. The difference may be negative. */
export function subtract(left: MoneyValue, right: MoneyValue): MoneyValue {
  requireSameCurrency(left.currency, right);
  return money(left.currency, left.minor - right.minor);
}

/** The sum of the amounts, which must all be in this currency; nothing sums to zero. */
export function sum(currency: CurrencyCode, amounts: readonly MoneyValue[]): MoneyValue {
  return amounts.reduce(add, money(currency, 0n));
}

/** A unit price times a whole quantity. */
export function multiply(amount: MoneyValue, quantity: bigint | number): MoneyValue {
  return money(amount.currency, amount.minor * BigInt(quantity));
}

/**
 * Splits exactly by whole, non-negative weights: the parts sum to the amount, and each is within one minor unit of its exact share. What
 * rounding leaves goes to the largest remainders, the earlier first: 100 over 1, 1, 1 is 34, 33, 33. A weight of 0 gets 0. A negative
 * amount splits as its opposite does. Throws `InvariantViolation` for weights that are negative or sum to 0.
 */
export function allocate(amount: MoneyValue, weights: readonly (bigint | number)[]): MoneyValue[] {
  const shares = weights.map(BigInt);
  const total = shares.reduce((sofar, share) => sofar + share, 0n);
  if (total <= 0n || shares.some((share) => share < 0n)) throw new InvariantViolation('Weights must be non-negative and not all 0.');

  const sign = amount.minor < 0n ? -1n : 1n;
  const whole = amount.minor * sign;
  const parts = shares.map((share, index) => ({ index, minor: (whole * share) / total, remainder: (whole * share) % total }));
  let left = whole - parts.reduce((sofar, part) => sofar + part.minor, 0n);
  for (const part of parts.toSorted((a, b) => descending(a.remainder, b.remainder) || a.index - b.index)) {
    if (left === 0n) break;
    part.minor += 1n;
    left -= 1n;
  }
  return parts.map((part) => money(amount.currency, part.minor * sign));
}

/**
 * A share in basis points (1/100 of a percent: 500 is 5 %), rounded half to even, so that many small fees do not drift one way. Fee and rest
 * stay exact when the rest is computed as `subtract(amount, fee)`.
 */
export function percentage(amount: MoneyValue, basisPoints: bigint | number): MoneyValue {
  return money(amount.currency, divideHalfEven(amount.minor * BigInt(basisPoints), BASIS_POINTS));
}

/** For display, with the digits of the currency: `12.34`, `-0.05`, `1200` (JPY), `1.234` (KWD). */
export function toDecimal({ currency, minor }: MoneyValue): string {
  const exponent = currencyExponent(currency);
  if (exponent === 0) return minor.toString();
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** A canonical signed 64-bit integer; `BAD_USER_INPUT` for everything else (`1.5`, `+1`, `007`, `-0`, spaces, too large). */
export function parseMinor(text: string): bigint {
  const minor = CANONICAL_INTEGER.test(text) ? BigInt(text) : MAX_MINOR + 1n;
  if (minor > MAX_MINOR || minor < MIN_MINOR) {
    throw new TesseraError('BAD_USER_INPUT', 'An amount must be a whole number of minor units within 64 bits, such as "1999".');
  }
  return minor;
}

export function toWire({ currency, minor }: MoneyValue): { currency: CurrencyCode; minor: string } {
  return { currency, minor: minor.toString() };
}

/** Throws `BAD_USER_INPUT` for a currency that the platform does not take, or an amount that `parseMinor` refuses. */
export function fromWire({ currency, minor }: MoneyWire): MoneyValue {
  if (!isCurrencyCode(currency)) throw new TesseraError('BAD_USER_INPUT', 'The currency is not one that the platform takes.');
  return { currency, minor: parseMinor(minor) };
}

function requireSameCurrency(currency: CurrencyCode, other: MoneyValue): void {
  if (other.currency !== currency) throw new InvariantViolation(`Currencies differ: ${currency} and ${other.currency}`);
}

function descending(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left > right ? -1 : 1;
}

/** `divisor` is positive. */
function divideHalfEven(value: bigint, divisor: bigint): bigint {
  const sign = value < 0n ? -1n : 1n;
  const quotient = (value * sign) / divisor;
  const twice = ((value * sign) % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return sign * (up ? quotient + 1n : quotient);
}
