import { describe, expect, it } from '@jest/globals';
import type { BookEntry } from '@tessera/stripe-simulator';
import type { Facts, OrderFact, PaymentFact, RefundFact } from './facts.ts';
import { blank, type Played } from './history.ts';
import { judge } from './judge.ts';
import { KINDS, planOf } from './plan.ts';

const entry = (id: string, amount: number): BookEntry => ({
  ...{ id, amount, currency: 'usd', payment_intent: 'pi_1', metadata: { payment_id: 'pay_1' } },
});
const ORDER: OrderFact = {
  id: 'ord_1',
  state: 'CONFIRMED',
  customer: 'usr_1',
  currency: 'USD',
  total: 900n,
  captured: 900n,
  refunded: 200n,
};
const PAYMENT: PaymentFact = {
  ...{ id: 'pay_1', state: 'CAPTURED', provider: 'STRIPE', captured: 900n, refunding: 0n, refunded: 200n, stray: 0n, strays: 0n },
  ...{ attention: null, events: '' },
};
const REFUND: RefundFact = { id: 'ref_1', paymentId: 'pay_1', minor: 200n, destination: 'ORIGINAL', state: 'SUCCEEDED', isStray: false };
const ASTRAY = { id: 'ref_s', minor: 900n, isStray: true } as const;
/** Charged once more at a page that the customer had left; it has gone back. */
const TWICE = {
  stray: {},
  payment: { stray: 900n, strays: 1n },
  charges: [entry('ch_1', 900), entry('ch_2', 900)],
  givenBack: [entry('re_1', 200), entry('re_s', 900)],
  played: { strayCharge: 'ch_2' },
} as const;

interface Planted {
  readonly order?: Partial<OrderFact> | null;
  readonly payment?: Partial<PaymentFact>;
  readonly refund?: Partial<RefundFact>;
  readonly stray?: Partial<RefundFact>;
  readonly cleared?: bigint;
  readonly charges?: readonly BookEntry[];
  readonly givenBack?: readonly BookEntry[];
  readonly played?: Partial<Played>;
}

/** A checkout that was paid by card, and of which a part went back, with one thing changed. */
function sentences(planted: Planted = {}): string[] {
  const {
    order,
    payment,
    refund,
    stray,
    cleared = 700n,
    charges = [entry('ch_1', 900)],
    givenBack = [entry('re_1', 200)],
    played,
  } = planted;
  const facts: Facts = {
    orders: new Map(order === null ? [] : [['ord_1', { ...ORDER, ...order }]]),
    payments: new Map([['ord_1', { ...PAYMENT, ...payment }]]),
    refunds: new Map([['ref_1', { ...REFUND, ...refund }], ...(stray ? [['ref_s', { ...REFUND, ...ASTRAY, ...stray }] as const] : [])]),
    cleared: new Map([['pay_1', cleared]]),
    charges: new Map([['pay_1', charges]]),
    givenBack: new Map([['pay_1', givenBack]]),
    books: { currencies: {}, charges: [], refunds: [], disputes: [] },
  };
  const refunds = [{ id: 'ref_1', minor: 200n, destination: 'ORIGINAL' as const, isSentBack: false }];
  return judge({ ...blank(planOf(1, 0), 'usr_1'), orderId: 'ord_1', totalMinor: 900n, paidCharge: 'ch_1', refunds, ...played }, facts);
}

describe('the judgement of a checkout', () => {
  it('finds nothing when all tell the same', () => {
    expect(sentences()).toEqual([]);
  });

  it('finds nothing in an order that ended without money', () => {
    const order = { state: 'EXPIRED', captured: 0n, refunded: 0n };
    const payment = { state: 'VOIDED', captured: 0n, refunded: 0n };
    const nothing = { charges: [], givenBack: [], cleared: 0n, refund: { paymentId: 'pay_2' } };
    expect(sentences({ order, payment, ...nothing, played: { paidCharge: null, refunds: [] } })).toEqual([]);
  });

  it('finds nothing in a second charge that has gone back, and in a refund that a bank sent back', () => {
    expect(sentences(TWICE)).toEqual([]);
    const refunds = [{ id: 'ref_1', minor: 200n, destination: 'ORIGINAL' as const, isSentBack: true }];
    const nothing = { order: { refunded: 0n }, payment: { refunded: 0n }, refund: { state: 'FAILED' }, givenBack: [], cleared: 900n };
    expect(sentences({ ...nothing, played: { refunds } })).toEqual([]);
  });

  it.each<[string, Planted, RegExp]>([
    ['an acknowledged order that is gone', { order: null }, /does not exist/],
    ['an order of another amount', { order: { total: 901n } }, /not what was acknowledged/],
    ['an order that never ended', { order: { state: 'PENDING_PAYMENT' } }, /did not end/],
    ['an acknowledged cancellation that was none', { played: { isCancelAcknowledged: true } }, /was cancelled for the customer/],
    ['a confirmed order that expired', { played: { sawConfirmed: true }, order: { state: 'EXPIRED' } }, /was confirmed for the customer/],
    ['a cancelled order that keeps money', { order: { state: 'CANCELLED' } }, /keeps 700/],
    ['a confirmed order without its money', { order: { captured: 0n, refunded: 0n } }, /with 0 of 900 captured/],
    ['two charges', { charges: [entry('ch_1', 900), entry('ch_2', 900)] }, /with 2 charges/],
    ['a charge of another amount', { charges: [entry('ch_1', 901)] }, /901 was charged/],
    ['a charge that payments does not know', { payment: { state: 'VOIDED' } }, /VOIDED by STRIPE with 1 charges/],
    ['a refund twice at the provider', { givenBack: [entry('re_1', 200), entry('re_2', 200)] }, /400 for the provider/],
    ['a refund that the ledger missed', { cleared: 900n }, /clearing account moved 900/],
    ['a second charge that nobody noticed', { ...TWICE, stray: { state: 'FAILED' }, payment: {} }, /nobody noticed/],
    [
      'a second charge that was kept',
      { ...TWICE, stray: { state: 'FAILED' }, givenBack: [entry('re_1', 200)], cleared: 1600n },
      /0 of it has gone back/,
    ],
    [
      'a refund that a bank sent back and that stands',
      { played: { refunds: [{ id: 'ref_1', minor: 200n, destination: 'ORIGINAL', isSentBack: true }] } },
      /was acknowledged, and is SUCCEEDED/,
    ],
    ['an acknowledged refund that failed', { refund: { state: 'FAILED' } }, /is FAILED/],
    ['a page that said paid', { played: { paidCharge: 'ch_9' } }, /not in the books/],
    ['a payment for a person', { payment: { attention: 'PROVIDER_SILENT' } }, /needs a person/],
    ['a customer who could not go on', { played: { failure: 'no page' } }, /could not go on/],
  ])('tells of %s', (_what, planted, sentence) => {
    expect(sentences(planted).join()).toMatch(sentence);
  });
});

describe('the plan of a checkout', () => {
  it('follows from seed and number alone', () => {
    expect(planOf(7, 42)).toEqual(planOf(7, 42));
    expect(planOf(7, 42)).not.toEqual(planOf(8, 42));
  });

  it('has every kind among the first ones', () => {
    const kinds = Array.from({ length: KINDS.length }, (_, number) => planOf(3, number).kind);
    expect(new Set(kinds)).toEqual(new Set(KINDS));
  });
});
