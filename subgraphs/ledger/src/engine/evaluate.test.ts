import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AccountState, availableOf, balanceOf, MAX_MINOR } from './account.ts';
import { ACCOUNT_RULES, type AccountKind } from './address.ts';
import { type Books, evaluate } from './evaluate.ts';
import type { Leg, PostRequest } from './request.ts';

const NOW = new Date('2026-11-21T09:00:00.000Z');
const LATER = new Date('2026-11-21T09:15:00.000Z');

function anAccount(id: string, kind: AccountKind, balanceMinor = 0n, more: Partial<AccountState> = {}): AccountState {
  const { normalSide, floorMinor } = ACCOUNT_RULES[kind];
  const counters = { debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n };
  const filled = { ...counters, [normalSide === 'CREDIT' ? 'creditsPosted' : 'debitsPosted']: balanceMinor };
  return {
    id,
    kind,
    address: kind === 'WALLET' ? null : `system:${id}:USD`,
    ownerId: kind === 'WALLET' ? `owner-of-${id}` : null,
    currency: 'USD',
    normalSide,
    floorMinor,
    sequence: 0n,
    isClosed: false,
    isLimited: false,
    ...filled,
    ...more,
  };
}

function someBooks(accounts: readonly AccountState[], now = NOW): Books {
  let count = 0;
  return {
    accounts: new Map(accounts.map((account) => [account.id, account])),
    ids: new Map(accounts.map(({ id }) => [id, id])),
    holds: new Map(),
    limits: new Map(),
    reversed: new Set(),
    now,
    newId: (kind) => `${kind}-${++count}`,
  };
}

const request = (...legs: readonly Leg[]): PostRequest => ({ scope: 'test', key: 'key', legs, actor: 'test', traceparent: null });
const move = (debit: string, credit: string, minor: bigint): Leg => ({
  kind: 'MOVE',
  debit,
  credit,
  amount: { currency: 'USD', minor },
  code: 'TRANSFER',
});
const hold = (debit: string, credit: string, minor: bigint): Leg =>
  ({ ...move(debit, credit, minor), kind: 'HOLD', expiresAt: LATER }) as Leg; // a hold is a movement with a deadline
const balances = ({ accounts }: Books) =>
  Object.fromEntries([...accounts].map(([id, account]) => [id, [balanceOf(account), availableOf(account)]]));

describe('evaluating a request', () => {
  it('carries legs out one after the other, so that money may pass through', () => {
    const books = someBooks([
      anAccount('a', 'WALLET', 100n),
      anAccount('escrow', 'ESCROW'),
      anAccount('vendor', 'PAYABLE'),
      anAccount('fees', 'FEES'),
    ]);
    const decision = evaluate(request(move('a', 'escrow', 100n), move('escrow', 'vendor', 95n), move('escrow', 'fees', 5n)), books);
    expect(decision).toMatchObject({
      kind: 'POSTED',
      transfers: [{ linkedGroup: 'transfer-1' }, { linkedGroup: 'transfer-1' }, { linkedGroup: 'transfer-1' }],
    });
    expect(balances(books)).toEqual({ a: [0n, 0n], escrow: [0n, 0n], vendor: [95n, 95n], fees: [5n, 5n] });
    expect(books.accounts.get('escrow')?.sequence).toBe(3n);
  });

  it('leaves the books as they were when any leg is refused, and names the leg', () => {
    const books = someBooks([anAccount('a', 'WALLET', 100n), anAccount('b', 'WALLET')]);
    const before = balances(books);
    const decision = evaluate(request(move('a', 'b', 60n), move('a', 'b', 60n)), books);
    expect(decision).toEqual({ kind: 'REFUSED', refusal: { reason: 'INSUFFICIENT_FUNDS', leg: 1, availableMinor: 40n, side: 'debit' } });
    expect(balances(books)).toEqual(before);
  });

  it.each<[string, Leg, string]>([
    ['an unknown account', move('a', 'nobody', 1n), 'ACCOUNT_NOT_FOUND'],
    ['another owner', { ...move('a', 'b', 1n), debitOwnerId: 'owner-of-b' } as Leg, 'ACCOUNT_NOT_FOUND'],
    ['the same account', move('a', 'a', 1n), 'SAME_ACCOUNT'],
    ['a closed account', move('a', 'closed', 1n), 'ACCOUNT_CLOSED'],
    ['two currencies', move('a', 'euro', 1n), 'CURRENCY_MISMATCH'],
    ['nothing', move('a', 'b', 0n), 'AMOUNT_INVALID'],
    ['a negative amount', move('a', 'b', -1n), 'AMOUNT_INVALID'],
    ['more than 64 bits', move('a', 'b', MAX_MINOR + 1n), 'AMOUNT_INVALID'],
    ['a counter beyond 64 bits', move('bank', 'full', 1n), 'BALANCE_LIMIT'],
    ['a deadline that has passed', { ...hold('a', 'b', 1n), expiresAt: NOW } as Leg, 'DEADLINE_PASSED'],
    ['an unknown hold', { kind: 'POST', holdId: 'none' }, 'HOLD_NOT_FOUND'],
  ])('refuses %s', (_what, leg, reason) => {
    const books = someBooks([
      anAccount('a', 'WALLET', 100n),
      anAccount('b', 'WALLET'),
      anAccount('closed', 'WALLET', 0n, { isClosed: true }),
      anAccount('euro', 'WALLET', 0n, { currency: 'EUR' }),
      anAccount('full', 'WALLET', MAX_MINOR),
      anAccount('bank', 'BANK'),
    ]);
    expect(evaluate(request(leg), books)).toMatchObject({ kind: 'REFUSED', refusal: { reason, leg: 0 } });
  });

  it('counts a hold against what is available, and moves it only when it is posted', () => {
    const books = someBooks([anAccount('a', 'WALLET', 100n), anAccount('escrow', 'ESCROW')]);
    evaluate(request(hold('a', 'escrow', 70n)), books);
    expect(balances(books)).toEqual({ a: [100n, 30n], escrow: [0n, 0n] });
    expect(evaluate(request(move('a', 'escrow', 31n)), books)).toMatchObject({
      refusal: { reason: 'INSUFFICIENT_FUNDS', availableMinor: 30n },
    });
    evaluate(request({ kind: 'POST', holdId: 'hold-1' }), books);
    expect(balances(books)).toEqual({ a: [30n, 30n], escrow: [70n, 70n] });
  });

  it.each(['POST', 'VOID'] as const)(
    'holds several legs as one between accounts of any kind, and %s resolves all of them or none',
    (kind) => {
      const books = someBooks([anAccount('vendor', 'PAYABLE'), anAccount('fees', 'FEES', 10n), anAccount('clearing', 'CLEARING', 100n)]);
      const before = balances(books);
      const placed = evaluate(request(hold('vendor', 'clearing', 95n), hold('fees', 'clearing', 5n)), books);
      expect(placed).toMatchObject({
        transfers: [
          { id: 'hold-1', linkedGroup: 'hold-1', state: 'PENDING', debit: { address: 'system:vendor:USD', availableMinor: -95n } },
          { id: 'hold-2', linkedGroup: 'hold-1', state: 'PENDING', credit: { address: 'system:clearing:USD', availableMinor: 0n } },
        ],
      });
      expect(balances(books)).toEqual({ vendor: [0n, -95n], fees: [10n, 5n], clearing: [100n, 0n] });
      const both = ['hold-1', 'hold-2'].map((holdId): Leg => ({ kind, holdId }));
      expect(evaluate(request(...both, { kind, holdId: 'hold-3' }), books)).toMatchObject({
        refusal: { reason: 'HOLD_NOT_FOUND', leg: 2 },
      });
      evaluate(request(...both), books);
      const after = { vendor: [-95n, -95n], fees: [5n, 5n], clearing: [0n, 0n] };
      expect(balances(books)).toEqual(kind === 'POST' ? after : before);
    },
  );

  it.each(['POST', 'VOID'] as const)('resolves a hold once: after %s nothing else can', (first) => {
    const books = someBooks([anAccount('a', 'WALLET', 100n), anAccount('escrow', 'ESCROW')]);
    evaluate(request(hold('a', 'escrow', 70n)), books);
    evaluate(request({ kind: first, holdId: 'hold-1' }), books);
    const reason = first === 'POST' ? 'HOLD_POSTED' : 'HOLD_VOIDED';
    for (const kind of ['POST', 'VOID', 'EXPIRE'] as const)
      expect(evaluate(request({ kind, holdId: 'hold-1' }), books)).toMatchObject({ refusal: { reason } });
  });

  it('posts no hold past its deadline and expires none before it', () => {
    const early = someBooks([anAccount('a', 'WALLET', 100n), anAccount('escrow', 'ESCROW')]);
    evaluate(request(hold('a', 'escrow', 70n)), early);
    expect(evaluate(request({ kind: 'EXPIRE', holdId: 'hold-1' }), early)).toMatchObject({ refusal: { reason: 'HOLD_NOT_DUE' } });
    const late = { ...early, now: LATER };
    expect(evaluate(request({ kind: 'POST', holdId: 'hold-1' }), late)).toMatchObject({ refusal: { reason: 'HOLD_EXPIRED' } });
    evaluate(request({ kind: 'EXPIRE', holdId: 'hold-1' }), late);
    expect(balances(late)).toEqual({ a: [100n, 100n], escrow: [0n, 0n] });
  });

  it('MUST conserve money and hold every floor, whatever is asked', () => {
    const ids = ['a', 'b', 'escrow', 'fees', 'bank'] as const;
    const anyLeg = fc.oneof(
      fc
        .tuple(fc.constantFrom(...ids), fc.constantFrom(...ids), fc.bigInt(-2n, 60n), fc.boolean())
        .map(([debit, credit, minor, isHold]) => (isHold ? hold : move)(debit, credit, minor)),
      fc.record({
        kind: fc.constantFrom('POST' as const, 'VOID' as const),
        holdId: fc.integer({ min: 1, max: 12 }).map((n) => `hold-${n}`),
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(anyLeg, { minLength: 1, maxLength: 3 }), { maxLength: 25 }), (program) => {
        const books = someBooks([
          anAccount('a', 'WALLET'),
          anAccount('b', 'WALLET'),
          anAccount('escrow', 'ESCROW'),
          anAccount('fees', 'FEES'),
          anAccount('bank', 'BANK'),
        ]);
        evaluate(request(move('bank', 'a', 100n)), books);
        for (const legs of program) evaluate(request(...legs), books);
        const all = [...books.accounts.values()];
        const total = (of: (account: AccountState) => bigint) => all.reduce((sum, account) => sum + of(account), 0n);
        expect(total(({ debitsPosted }) => debitsPosted)).toBe(total(({ creditsPosted }) => creditsPosted));
        expect(total(({ debitsPending }) => debitsPending)).toBe(total(({ creditsPending }) => creditsPending));
        for (const account of all) {
          expect(account.floorMinor === null || availableOf(account) >= account.floorMinor).toBe(true);
          expect([account.debitsPending, account.creditsPending].every((pending) => pending >= 0n)).toBe(true);
        }
      }),
    );
  });
});
