import { describe, expect, test } from '@jest/globals';
import { CURRENCIES, type CurrencyCode } from '@tessera/schema/contract';
import fc from 'fast-check';
import { InvariantViolation } from '../errors/index.ts';
import { add, allocate, fromWire, money, multiply, parseMinor, percentage, subtract, sum, toDecimal, toWire } from './index.ts';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const anyCurrency = fc.constantFrom(...(Object.keys(CURRENCIES) as CurrencyCode[]));
const anyMoney = fc.record({ currency: anyCurrency, minor: fc.bigInt({ min: MIN, max: MAX }) });
const anyWeights = fc
  .array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 50 })
  .filter((weights) => weights.some((weight) => weight > 0n));
const eur = (minor: bigint) => money('EUR', minor);
const minors = (amounts: readonly { minor: bigint }[]) => amounts.map(({ minor }) => minor);

describe('arithmetic', () => {
  test('adds, subtracts, multiplies and sums within one currency', () => {
    expect(add(eur(150n), eur(-50n))).toEqual(eur(100n));
    expect(subtract(eur(100n), eur(150n))).toEqual(eur(-50n));
    expect(multiply(eur(1_999n), 3)).toEqual(eur(5_997n));
    expect(sum('EUR', [eur(1n), eur(2n), eur(3n)])).toEqual(eur(6n));
    expect(sum('EUR', [])).toEqual(eur(0n));
  });

  test('never converts', () => {
    expect(() => add(eur(1n), money('USD', 1n))).toThrow(InvariantViolation);
    expect(() => subtract(eur(1n), money('USD', 1n))).toThrow(InvariantViolation);
    expect(() => sum('EUR', [money('USD', 1n)])).toThrow(InvariantViolation);
  });

  test('stops at 64 bits instead of wrapping', () => {
    expect(() => add(eur(MAX), eur(1n))).toThrow(InvariantViolation);
    expect(() => subtract(eur(MIN), eur(1n))).toThrow(InvariantViolation);
    expect(() => multiply(eur(MAX), 2)).toThrow(InvariantViolation);
  });
});

describe('allocate', () => {
  test('splits 100 over three as 34, 33, 33', () => {
    expect(minors(allocate(eur(100n), [1, 1, 1]))).toEqual([34n, 33n, 33n]);
    expect(minors(allocate(eur(-100n), [1, 1, 1]))).toEqual([-34n, -33n, -33n]);
  });

  test('gives what rounding leaves to the largest remainder', () => {
    expect(minors(allocate(eur(1n), [1, 99]))).toEqual([0n, 1n]);
  });

  test('MUST preserve the sum and the currency', () => {
    fc.assert(
      fc.property(anyMoney, anyWeights, (amount, weights) => {
        const parts = allocate(amount, weights);
        expect(parts).toHaveLength(weights.length);
        expect(parts.reduce((total, part) => total + part.minor, 0n)).toBe(amount.minor);
        expect(parts.every((part) => part.currency === amount.currency)).toBe(true);
      }),
    );
  });

  test('MUST keep each part within one minor unit of its exact share, and nothing for weight 0', () => {
    fc.assert(
      fc.property(anyMoney, anyWeights, (amount, weights) => {
        const total = weights.reduce((sofar, weight) => sofar + weight, 0n);
        allocate(amount, weights).forEach((part, index) => {
          const weight = weights[index] ?? 0n;
          const distance = part.minor * total - amount.minor * weight;
          expect(distance < total && distance > -total).toBe(true);
          if (weight === 0n) expect(part.minor).toBe(0n);
        });
      }),
    );
  });

  test.each([[[]], [[0, 0]], [[2, -1]]])('refuses the weights %j', (weights) => {
    expect(() => allocate(eur(100n), weights)).toThrow(InvariantViolation);
  });
});

describe('percentage', () => {
  test.each([
    [1_000n, 500, 50n],
    [10n, 500, 0n],
    [30n, 500, 2n],
    [50n, 500, 2n],
    [51n, 500, 3n],
    [-30n, 500, -2n],
    [-50n, 500, -2n],
    [333n, 10_000, 333n],
  ])('of %d at %d basis points is %d: half goes to even', (minor, basisPoints, expected) => {
    expect(percentage(eur(minor), basisPoints).minor).toBe(expected);
  });

  test('MUST be within half a minor unit, and the opposite for the opposite amount', () => {
    const amounts = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 10_000 }), (minor, basisPoints) => {
        const fee = percentage(eur(minor), basisPoints).minor;
        const twiceOff = 2n * (fee * 10_000n - minor * BigInt(basisPoints));
        expect(twiceOff <= 10_000n && twiceOff >= -10_000n).toBe(true);
        expect(percentage(eur(-minor), basisPoints).minor).toBe(-fee);
      }),
    );
  });
});

describe('texts', () => {
  test.each([
    ['EUR', 1_234n, '12.34'],
    ['EUR', -5n, '-0.05'],
    ['EUR', 0n, '0.00'],
    ['JPY', -1_200n, '-1200'],
    ['KWD', 1_234n, '1.234'],
    ['EUR', MIN, '-92233720368547758.08'],
  ] as const)('%s %d reads %s', (currency, minor, text) => {
    expect(toDecimal(money(currency, minor))).toBe(text);
  });

  test('the decimal text MUST hold every digit of the amount', () => {
    fc.assert(
      fc.property(anyMoney, (amount) => {
        const text = toDecimal(amount);
        expect(BigInt(text.replace('.', ''))).toBe(amount.minor);
        expect(text.split('.')[1]?.length ?? 0).toBe(CURRENCIES[amount.currency]);
      }),
    );
  });

  test('the wire MUST give back the same money', () => {
    fc.assert(fc.property(anyMoney, (amount) => expect(fromWire(JSON.parse(JSON.stringify(toWire(amount))))).toEqual(amount)));
  });

  test('parseMinor takes the whole range of 64 bits', () => {
    expect(parseMinor('9223372036854775807')).toBe(MAX);
    expect(parseMinor('-9223372036854775808')).toBe(MIN);
  });

  test.each([
    '',
    '1.5',
    '+1',
    '007',
    '-0',
    ' 1',
    '1\n',
    '1e3',
    '0x10',
    '١',
    '9223372036854775808',
    '-9223372036854775809',
    '9'.repeat(1_000_000),
  ])('parseMinor refuses %j', (text) => {
    expect(() => parseMinor(text)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });

  test('fromWire refuses a currency that the platform does not take', () => {
    for (const currency of ['XXX', 'eur', 'constructor', '__proto__']) {
      expect(() => fromWire({ currency, minor: '1' })).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    }
  });
});
