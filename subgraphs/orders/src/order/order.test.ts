import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  allowedActs,
  decideAuthorised,
  decideCancel,
  decideCaptured,
  decidePaymentLost,
  type OrderFacts,
  type OrderState,
  settlementOf,
  TRANSITIONS,
} from './order.ts';

const anOrder = (facts: Partial<OrderFacts> = {}): OrderFacts => ({
  state: 'CONFIRMED',
  paymentState: 'AUTHORISED',
  capturedMinor: 0n,
  refundedMinor: 0n,
  ...facts,
});

describe('cancelling an order', () => {
  it('releases what is reserved and asks for a void while it waits for money, which may be on its way', () => {
    expect(decideCancel(anOrder({ state: 'PENDING_PAYMENT', paymentState: 'REQUESTED' }), false)).toEqual({
      outcome: 'cancelled',
      stock: 'RELEASE',
      settlement: { kind: 'VOID' },
    });
  });

  it('returns what is sold and refunds what was captured, less what has gone back already', () => {
    const order = anOrder({ paymentState: 'CAPTURED', capturedMinor: 4_200n, refundedMinor: 200n });
    expect(decideCancel(order, false)).toEqual({ outcome: 'cancelled', stock: 'RETURN', settlement: { kind: 'REFUND', minor: 4_000n } });
  });

  it('is refused once a secret has been revealed', () => {
    expect(decideCancel(anOrder(), true)).toEqual({ outcome: 'refused', why: 'REVEALED' });
    expect(allowedActs(anOrder(), true)).toEqual([]);
  });

  it.each<OrderState>(['PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'EXPIRED'])('is refused in state %s', (state) => {
    expect(decideCancel(anOrder({ state }), false)).toEqual({ outcome: 'refused', why: 'STATE' });
    expect(allowedActs(anOrder({ state }), false)).toEqual([]);
  });

  it('asks for nothing where nothing was to be paid, or all has gone back', () => {
    expect(settlementOf(anOrder({ paymentState: 'NONE' }))).toEqual({ kind: 'NONE' });
    expect(settlementOf(anOrder({ paymentState: 'VOIDED' }))).toEqual({ kind: 'NONE' });
    expect(settlementOf(anOrder({ paymentState: 'CAPTURED', capturedMinor: 5n, refundedMinor: 5n }))).toEqual({ kind: 'NONE' });
  });
});

describe('money that arrives', () => {
  it.each([
    ['PENDING_PAYMENT', 'REQUESTED', 'CONFIRM', 'CONFIRM'],
    ['PENDING_PAYMENT', 'FAILED', 'CONFIRM', 'CONFIRM'],
    ['CONFIRMED', 'AUTHORISED', 'RECORD', 'RECORD'],
    ['CONFIRMED', 'FAILED', 'CAPTURE', 'RECORD'],
    ['SHIPPED', 'VOIDED', 'CAPTURE', 'RECORD'],
    ['CONFIRMED', 'CAPTURED', 'IGNORE', 'IGNORE'],
    ['EXPIRED', 'REQUESTED', 'VOID', 'REFUND'],
    ['CANCELLED', 'VOIDED', 'VOID', 'REFUND'],
    ['CANCELLED', 'CAPTURED', 'IGNORE', 'IGNORE'],
  ] as const)('for an order that is %s with payment %s: %s when held, %s when taken', (state, paymentState, held, taken) => {
    expect(decideAuthorised(anOrder({ state, paymentState }))).toBe(held);
    expect(decideCaptured(anOrder({ state, paymentState }))).toBe(taken);
  });

  it('takes a confirmed order with it when it is lost, and leaves one that waits', () => {
    expect(decidePaymentLost(anOrder())).toBe('CANCEL');
    expect(decidePaymentLost(anOrder({ state: 'PENDING_PAYMENT' }))).toBe('RECORD');
    expect(decidePaymentLost(anOrder({ state: 'EXPIRED' }))).toBe('RECORD');
    expect(decidePaymentLost(anOrder({ paymentState: 'CAPTURED' }))).toBe('IGNORE');
  });
});

it('the database knows the same transitions', () => {
  const migration = readFileSync(join(import.meta.dirname, '../migrations/0003-orders.ts'), 'utf8');
  const inDatabase = [...migration.matchAll(/when '(\w+)' then new\.state in \(([^)]*)\)/g)].map(
    ([, from, to]) => [from, to?.match(/\w+/g)] as const,
  );
  const inCode = Object.entries(TRANSITIONS).filter(([, to]) => to.length > 0);
  expect(Object.fromEntries(inDatabase)).toEqual(Object.fromEntries(inCode));
});
