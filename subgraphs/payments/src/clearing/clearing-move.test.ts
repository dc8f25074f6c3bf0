import { describe, expect, it } from '@jest/globals';
import { clearingMoveOf, type Movement, mayMoveClearing } from './clearing-move.ts';

const usd = (minor: string) => ({ currency: 'USD', minor });
const side = (address: string | null, balance: string) => ({
  accountId: 'acc_1',
  address,
  ownerId: null,
  sequence: 1,
  balance: usd(balance),
  available: usd(balance),
});
const move = (debit: string | null, credit: string | null): Movement => ({
  amount: usd('320'),
  debit: side(debit, '9680'),
  credit: side(credit, '1'),
});

describe('a movement in the ledger', () => {
  it('lets the provider owe more when its clearing account is debited', () => {
    const moved = clearingMoveOf(move('system:clearing.stripe:USD', 'system:escrow:USD'));
    expect(moved).toEqual({ provider: 'STRIPE', currency: 'USD', amountMinor: 320n, balanceMinor: 9_680n });
  });

  it('lets the provider owe less when it is credited', () => {
    const moved = clearingMoveOf(move('system:expenses:USD', 'system:clearing.paypal:USD'));
    expect(moved).toEqual({ provider: 'PAYPAL', currency: 'USD', amountMinor: -320n, balanceMinor: 1n });
  });

  it.each([
    ['between other accounts', 'system:escrow:USD', 'system:fees:USD'],
    ['between wallets', null, null],
    ['of a provider that is not known here', 'system:clearing.nobody:USD', null],
    ['of an account whose name only begins alike', 'system:clearing:USD', 'payable:system:clearing.stripe:USD'],
  ])('is nothing %s', (_title, debit, credit) => {
    expect(clearingMoveOf(move(debit, credit))).toBeNull();
    expect(mayMoveClearing({ ...move(debit, credit) })).toBe(false);
  });

  it.each([
    ['debits a clearing account', move('system:clearing.stripe:USD', null)],
    ['credits one', move(null, 'system:clearing.paypal:USD')],
    ['has no second side', { debit: side(null, '1') }],
    ['has a side that is none', { debit: side(null, '1'), credit: 'wal_1' }],
    ['has an address that is no text', { ...move(null, null), credit: { ...side(null, '1'), address: 5 } }],
  ])('is looked at closely when it %s', (_title, payload) => {
    expect(mayMoveClearing({ ...payload })).toBe(true);
  });
});
