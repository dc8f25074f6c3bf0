import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type SplitPart, splitCapture, splitRefund } from './split.ts';

const total = (parts: readonly SplitPart[]): bigint => parts.reduce((sofar, { minor }) => sofar + BigInt(minor), 0n);
const shares = fc.array(
  fc.record({ vendorId: fc.constantFrom('usr_a', 'usr_b', 'usr_c'), minor: fc.bigInt({ min: 0n, max: 10n ** 12n }).map(String) }),
  { minLength: 1, maxLength: 6 },
);

describe('splitting a capture', () => {
  it('gives each vendor the share less the fee, and the platform the fees together', () => {
    expect(
      splitCapture(
        'USD',
        [
          { vendorId: 'usr_a', minor: '10000' },
          { vendorId: 'usr_b', minor: '333' },
        ],
        500,
      ),
    ).toEqual([
      { account: 'payable:usr_a:USD', minor: '9500' },
      { account: 'system:fees:USD', minor: '517' },
      { account: 'payable:usr_b:USD', minor: '316' },
    ]);
  });

  it('leaves out parts of nothing: no fee, or nothing but fee', () => {
    expect(splitCapture('JPY', [{ vendorId: 'usr_a', minor: '9' }], 500)).toEqual([{ account: 'payable:usr_a:JPY', minor: '9' }]);
    expect(splitCapture('JPY', [{ vendorId: 'usr_a', minor: '9' }], 10_000)).toEqual([{ account: 'system:fees:JPY', minor: '9' }]);
  });

  it('MUST add up to the shares exactly', () => {
    fc.assert(
      fc.property(shares, fc.integer({ min: 0, max: 10_000 }), (given, fee) => {
        const parts = splitCapture('EUR', given, fee);
        expect(total(parts)).toBe(given.reduce((sofar, { minor }) => sofar + BigInt(minor), 0n));
        expect(parts.every(({ minor }) => BigInt(minor) > 0n)).toBe(true);
      }),
    );
  });
});

describe('splitting a refund', () => {
  const captured = splitCapture('USD', [{ vendorId: 'usr_a', minor: '10000' }], 500);

  it('takes from vendor and fee in proportion', () => {
    expect(splitRefund('USD', 1_000n, captured, [])).toEqual([
      { account: 'payable:usr_a:USD', minor: '950' },
      { account: 'system:fees:USD', minor: '50' },
    ]);
  });

  it('refuses more than is left', () => {
    expect(() => splitRefund('USD', 9_001n, captured, [splitRefund('USD', 1_000n, captured, [])])).toThrow(/more than the split holds/);
  });

  it('MUST never take more from an account than it got, and in the end exactly that, however the refunds are cut', () => {
    const cuts = fc.array(fc.bigInt({ min: 1n, max: 10n ** 6n }), { maxLength: 20 });
    fc.assert(
      fc.property(shares, cuts, (given, amounts) => {
        const parts = splitCapture('EUR', given, 500);
        const refunds: SplitPart[][] = [];
        let left = total(parts);
        const take = (amount: bigint): void => {
          const refund = splitRefund('EUR', amount, parts, refunds);
          expect(total(refund)).toBe(amount);
          refunds.push(refund);
          left -= amount;
        };
        for (const amount of amounts) if (amount <= left) take(amount);
        if (left > 0n) take(left);
        for (const { account, minor } of parts) {
          expect(total(refunds.flat().filter((part) => part.account === account))).toBe(BigInt(minor));
        }
      }),
    );
  });
});
