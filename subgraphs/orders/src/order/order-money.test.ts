import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  allowedActs,
  decideAuthorised,
  decideCancel,
  decideCaptured,
  decidePaymentLost,
  decideRejected,
  decideRequiresAction,
  decideUnderReview,
  type OrderFacts,
  type OrderState,
  PAYMENT_STATES,
  type PaymentState,
  refundDestinationOf,
  settlementOf,
  TRANSITIONS,
} from './order.ts';

const OPEN: readonly OrderState[] = ['CONFIRMED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED'];
const CLOSED: readonly OrderState[] = ['CANCELLED', 'EXPIRED'];
const STATES = { waiting: ['PENDING_PAYMENT'] as const, open: OPEN, closed: CLOSED };

/** Per event and kind of order, what is decided for each payment state, in the order of PAYMENT_STATES. */
const TABLE = {
  PaymentRequiresAction: {
    waiting: 'IGNORE RECORD TELL IGNORE IGNORE IGNORE IGNORE RECORD RECORD',
    open: 'IGNORE RECORD TELL IGNORE IGNORE IGNORE IGNORE RECORD RECORD',
    closed: 'IGNORE IGNORE IGNORE IGNORE IGNORE IGNORE IGNORE IGNORE IGNORE',
  },
  PaymentAuthorised: {
    waiting: 'IGNORE CONFIRM CONFIRM CONFIRM IGNORE IGNORE IGNORE CONFIRM CONFIRM',
    open: 'IGNORE CAPTURE CAPTURE RECORD IGNORE IGNORE IGNORE CAPTURE CAPTURE',
    closed: 'IGNORE VOID VOID VOID IGNORE IGNORE IGNORE VOID VOID',
  },
  PaymentUnderReview: {
    waiting: 'IGNORE WAIT WAIT WAIT IGNORE IGNORE IGNORE WAIT WAIT',
    open: 'IGNORE RECORD RECORD RECORD IGNORE IGNORE IGNORE RECORD RECORD',
    closed: 'IGNORE REFUND REFUND REFUND IGNORE IGNORE IGNORE REFUND REFUND',
  },
  PaymentCaptured: {
    waiting: 'IGNORE CONFIRM CONFIRM CONFIRM CONFIRM IGNORE IGNORE CONFIRM CONFIRM',
    open: 'IGNORE RECORD RECORD RECORD RECORD IGNORE IGNORE RECORD RECORD',
    closed: 'IGNORE REFUND REFUND REFUND RECORD IGNORE IGNORE REFUND REFUND',
  },
  PaymentRejected: {
    waiting: 'IGNORE CANCEL CANCEL CANCEL CANCEL CANCEL IGNORE CANCEL CANCEL',
    open: 'IGNORE CANCEL CANCEL CANCEL CANCEL CANCEL IGNORE CANCEL CANCEL',
    closed: 'IGNORE REFUND REFUND REFUND RECORD RECORD IGNORE REFUND REFUND',
  },
  PaymentLost: {
    waiting: 'IGNORE RECORD RECORD RECORD IGNORE IGNORE IGNORE RECORD RECORD',
    open: 'IGNORE CANCEL CANCEL CANCEL IGNORE IGNORE IGNORE CANCEL CANCEL',
    closed: 'IGNORE RECORD RECORD RECORD IGNORE IGNORE IGNORE RECORD RECORD',
  },
} as const;
type Told = keyof typeof TABLE;

const DECIDE: Readonly<Record<Told, (order: Pick<OrderFacts, 'state' | 'paymentState'>) => string>> = {
  PaymentRequiresAction: decideRequiresAction,
  PaymentAuthorised: decideAuthorised,
  PaymentUnderReview: decideUnderReview,
  PaymentCaptured: decideCaptured,
  PaymentRejected: decideRejected,
  PaymentLost: decidePaymentLost,
};
const TOLD = Object.keys(TABLE) as Told[];

describe('what a payment tells', () => {
  it.each(
    TOLD.flatMap((told) =>
      Object.entries(STATES).flatMap(([kind, states]) =>
        states.map((state) => [told, state, TABLE[told][kind as keyof typeof STATES]] as const),
      ),
    ),
  )('%s decides for an order that is %s, by what it knew', (told, state, expected) => {
    expect(PAYMENT_STATES.map((paymentState) => DECIDE[told]({ state, paymentState })).join(' ')).toBe(expected);
  });

  it('covers every state', () => {
    expect(Object.values(STATES).flat().sort()).toEqual(Object.keys(TRANSITIONS).sort());
  });
});

/** An order as its consumers leave it, with every refund that was asked for. */
interface Played extends OrderFacts {
  readonly asked: readonly bigint[];
}

const AMOUNT = 1_000n;
const AFTERWARDS: Readonly<Record<Told, PaymentState>> = {
  PaymentRequiresAction: 'REQUIRES_ACTION',
  PaymentAuthorised: 'AUTHORISED',
  PaymentUnderReview: 'UNDER_REVIEW',
  PaymentCaptured: 'CAPTURED',
  PaymentRejected: 'REJECTED',
  PaymentLost: 'FAILED',
};

/** What the consumers do with the decisions, as far as it concerns state and money. */
function play(order: Played, told: Told | 'Cancelled' | 'Expired'): Played {
  if (told === 'Cancelled') return decideCancel(order, false).outcome === 'cancelled' ? ended(order, 'CANCELLED') : order;
  if (told === 'Expired') return order.state === 'PENDING_PAYMENT' ? ended(order, 'EXPIRED') : order;
  const decision = DECIDE[told](order);
  if (decision === 'IGNORE') return order;
  const isTaken = told === 'PaymentUnderReview' || told === 'PaymentCaptured' || told === 'PaymentRejected';
  const next: Played = { ...order, paymentState: AFTERWARDS[told], capturedMinor: isTaken ? AMOUNT : order.capturedMinor };
  if (decision === 'CONFIRM') return { ...next, state: 'CONFIRMED' };
  if (decision === 'CANCEL') return ended(next, 'CANCELLED');
  return decision === 'REFUND' ? ended(next, next.state) : next;
}

function ended(order: Played, state: OrderState): Played {
  const settlement = settlementOf(order);
  return { ...order, state, asked: settlement.kind === 'REFUND' ? [...order.asked, settlement.minor] : order.asked };
}

describe('whatever a payment tells, twice, late and in any order', () => {
  const placed: Played = { state: 'PENDING_PAYMENT', paymentState: 'REQUESTED', capturedMinor: 0n, refundedMinor: 0n, asked: [] };
  const steps = [...TOLD, 'Cancelled', 'Expired'] as const;
  /** All orders of up to four things that happen, each as often as it likes. */
  const stories = (length: number): (typeof steps)[number][][] =>
    length === 0 ? [[]] : stories(length - 1).flatMap((story) => steps.map((step) => [...story, step]));
  const ends = stories(4).map((story) => ({ story, order: story.reduce(play, placed) }));

  it('MUST ask exactly once for the whole of money that was taken for an order that has ended, and never for money that was not', () => {
    const wrong = ends.filter(({ order }) => {
      const isOwed = CLOSED.includes(order.state) && order.capturedMinor > 0n;
      return JSON.stringify(order.asked.map(String)) !== JSON.stringify(isOwed ? [AMOUNT.toString()] : []);
    });
    expect(wrong).toEqual([]);
  });

  it('MUST end with the money refused as soon as that was told once', () => {
    const wrong = ends.filter(({ story, order }) => {
      const isRefused = order.paymentState === 'REJECTED' && CLOSED.includes(order.state);
      return story.includes('PaymentRejected') !== isRefused;
    });
    expect(wrong).toEqual([]);
  });

  it('MUST confirm only what was held or captured', () => {
    const wrong = ends.filter(
      ({ story, order }) => order.state === 'CONFIRMED' && !story.includes('PaymentAuthorised') && !story.includes('PaymentCaptured'),
    );
    expect(wrong).toEqual([]);
  });

  it('MUST not change anything when the last of it is told again', () => {
    const wrong = ends.filter(({ story, order }) => {
      const last = story.at(-1);
      const again = last ? play(order, last) : order;
      return again.state !== order.state || again.capturedMinor !== order.capturedMinor || again.asked.length !== order.asked.length;
    });
    expect(wrong).toEqual([]);
  });
});

describe('an order under review', () => {
  it('may be cancelled and not be paid again', () => {
    expect(allowedActs({ state: 'PENDING_PAYMENT', paymentState: 'UNDER_REVIEW' }, false)).toEqual(['CANCEL']);
    expect(allowedActs({ state: 'PENDING_PAYMENT', paymentState: 'REQUIRES_ACTION' }, false)).toEqual(['PAY', 'CANCEL']);
  });
});

it('money goes back the way it came', () => {
  expect((['WALLET', 'CARD', 'PAYPAL', 'SPLIT'] as const).map(refundDestinationOf)).toEqual(['WALLET', 'ORIGINAL', 'ORIGINAL', 'ORIGINAL']);
});

it('the database knows the same payment states', () => {
  const folder = join(import.meta.dirname, '../migrations');
  const texts = readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  const latest = texts.flatMap((text) => [...text.matchAll(/orders_payment_state_known check \(payment_state in\s*\(([^)]*)\)/g)]).at(-1);
  expect(latest?.[1]?.match(/\w+/g)).toEqual([...PAYMENT_STATES]);
});
