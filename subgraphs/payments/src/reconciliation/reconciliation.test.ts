import { describe, expect, it } from '@jest/globals';
import type { ProviderMovement } from '../provider/provider-adapter.ts';
import type { Books, LedgerEntry, OwnObject } from './books.ts';
import { dayOf, windowOf } from './day.ts';
import { chargeObject, disputeObject, refundObject } from './own-objects.ts';
import { compareBooks } from './reconciliation.ts';
import { totalsOf } from './totals.ts';

const DAY = dayOf('2026-11-21');
const NOON = new Date('2026-11-21T12:00:00.000Z');
const EVE = new Date('2026-11-20T23:59:59.999Z');
const MORROW = new Date('2026-11-22T00:00:00.000Z');
const LATER = new Date('2026-11-26T12:00:00.000Z');
const about = { provider: 'STRIPE', paymentId: 'pay_1', currency: 'USD' } as const;

const aMovement = (kind: ProviderMovement['kind'], sourceId: string, amountMinor: bigint, more: Partial<ProviderMovement> = {}) => {
  const feeMinor = more.feeMinor ?? 0n;
  const movement = {
    id: `txn_${sourceId}_${kind}`,
    kind,
    sourceId,
    currency: 'USD',
    amountMinor,
    feeMinor,
    createdAt: NOON,
    isConverted: false,
  } as const;
  return { ...movement, ...more, netMinor: amountMinor - feeMinor } satisfies ProviderMovement;
};
const anEntry = (factKey: string, amountMinor: bigint, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{
    factKey,
    code: /:fee(:|$)/.test(factKey) ? 'PROVIDER_FEE' : 'ANY',
    currency: 'USD',
    amountMinor,
    paymentId: 'pay_1',
    postedAt: NOON,
  },
  ...more,
});

const aCharge = (more: Partial<Parameters<typeof chargeObject>[0]> = {}): OwnObject =>
  chargeObject({
    ...about,
    attemptId: 'att_1',
    chargeId: 'ch_1',
    intentId: 'pi_1',
    amountMinor: 10_000n,
    feeMinor: 320n,
    createdAt: NOON,
    capturedAt: NOON,
    ...more,
  });
const aRefund = (more: Partial<Parameters<typeof refundObject>[0]> = {}): OwnObject =>
  refundObject({
    ...about,
    providerRefundId: 're_1',
    amountMinor: 1_000n,
    state: 'SUCCEEDED',
    askedAt: NOON,
    settledAt: NOON,
    returnedAt: null,
    ...more,
  });
const aDispute = (more: Partial<Parameters<typeof disputeObject>[0]> = {}): OwnObject =>
  disputeObject({
    ...about,
    providerDisputeId: 'du_1',
    amountMinor: 2_000n,
    feeMinor: 1_500n,
    feeChanges: [],
    state: 'OPEN',
    openedAt: NOON,
    closedAt: null,
    ...more,
  });

const CHARGED = aMovement('CHARGE', 'ch_1', 10_000n, { feeMinor: 320n });
const BOOKED = [anEntry('stripe:payment_intent:pi_1:succeeded', 10_000n), anEntry('stripe:charge:ch_1:fee', -320n)];

function differences(books: Partial<Books>) {
  return compareBooks({ day: DAY, window: windowOf(DAY), movements: [], objects: [], entries: [], ...books });
}

describe('a day that balances', () => {
  it.each<[string, Partial<Books>]>([
    ['of nothing', {}],
    ['of a charge', { movements: [CHARGED], objects: [aCharge()], entries: BOOKED }],
    [
      'of a charge that was booked before its intent was known',
      {
        movements: [CHARGED],
        objects: [aCharge()],
        entries: [anEntry('stripe:payment_intent:att_1:succeeded', 10_000n), anEntry('stripe:charge:ch_1:fee', -320n)],
      },
    ],
    [
      'of a refund that several accounts bear',
      {
        movements: [aMovement('REFUND', 're_1', -1_000n)],
        objects: [aRefund()],
        entries: [anEntry('stripe:refund:re_1:succeeded', -950n), anEntry('stripe:refund:re_1:succeeded', -50n)],
      },
    ],
    [
      'of a refund that is still under way',
      { movements: [aMovement('REFUND', 're_1', -1_000n)], objects: [aRefund({ state: 'PENDING', settledAt: null })] },
    ],
    [
      'of a refund that failed and came back',
      {
        movements: [aMovement('REFUND', 're_1', -1_000n), aMovement('REFUND_FAILED', 're_1', 1_000n)],
        objects: [aRefund({ state: 'FAILED' })],
      },
    ],
    ['of a refund that failed before anything moved', { objects: [aRefund({ state: 'FAILED' })] }],
    [
      'of a dispute that was opened and won',
      {
        movements: [aMovement('DISPUTE', 'du_1', -2_000n, { feeMinor: 1_500n }), aMovement('DISPUTE_REVERSED', 'du_1', 2_000n)],
        objects: [aDispute({ state: 'WON', closedAt: NOON })],
        entries: [
          anEntry('stripe:dispute:du_1:opened', -2_000n),
          anEntry('stripe:dispute:du_1:fee', -1_500n),
          anEntry('stripe:dispute:du_1:won', 2_000n),
        ],
      },
    ],
    [
      'of a dispute that cost a second fee, which came back with the money',
      {
        movements: [
          aMovement('DISPUTE', 'du_1', -2_000n, { feeMinor: 3_000n }),
          aMovement('DISPUTE_REVERSED', 'du_1', 2_000n, { feeMinor: -1_500n }),
        ],
        objects: [
          aDispute({
            state: 'WON',
            closedAt: NOON,
            feeChanges: [
              { factKey: 'stripe:dispute:du_1:fee', changeMinor: 1_500n },
              { factKey: 'stripe:dispute:du_1:fee:2:3000', changeMinor: 1_500n },
              { factKey: 'stripe:dispute:du_1:fee:3:1500', changeMinor: -1_500n },
            ],
          }),
        ],
        entries: [
          anEntry('stripe:dispute:du_1:opened', -2_000n),
          anEntry('stripe:dispute:du_1:fee', -1_500n),
          anEntry('stripe:dispute:du_1:fee:2:3000', -1_500n),
          anEntry('stripe:dispute:du_1:fee:3:1500', 1_500n),
          anEntry('stripe:dispute:du_1:won', 2_000n),
        ],
      },
    ],
    ['of a payout', { movements: [aMovement('PAYOUT', 'po_1', -9_000n)] }],
    ['whose own facts are of another day', { objects: [aCharge({ createdAt: LATER, capturedAt: LATER })] }],
  ])('%s has no differences', (_title, books) => {
    expect(differences(books)).toEqual([]);
  });
});

describe('what crosses midnight', () => {
  it.each<[string, Date, Date]>([
    ['the provider was first', EVE, DAY.from],
    ['we were first', MORROW, new Date(DAY.until.getTime() - 1)],
  ])('is no difference when %s', (_title, createdAt, capturedAt) => {
    const movements = [aMovement('CHARGE', 'ch_1', 10_000n, { feeMinor: 320n, createdAt })];
    expect(differences({ movements, objects: [aCharge({ createdAt: capturedAt, capturedAt })], entries: BOOKED })).toEqual([]);
  });

  it('is no difference however late we heard of it, or the ledger booked it', () => {
    const entries = BOOKED.map((entry) => ({ ...entry, postedAt: LATER }));
    expect(differences({ movements: [CHARGED], objects: [aCharge({ capturedAt: LATER })], entries })).toEqual([]);
  });

  it('is not missing at the provider when it may have been before what was read', () => {
    const longAgo = new Date('2026-11-01T00:00:00.000Z');
    expect(differences({ objects: [aCharge({ createdAt: longAgo })], entries: BOOKED })).toEqual([]);
    const refunded = [anEntry('stripe:refund:re_1:succeeded', -1_000n)];
    expect(differences({ objects: [aRefund({ askedAt: longAgo })], entries: refunded })).toEqual([]);
  });
});

describe('a difference', () => {
  const usd = (minor: bigint) => ({ currency: 'USD', minor });
  const here = { providerId: 'ch_1', paymentId: 'pay_1' };

  it.each<[string, Partial<Books>, object[]]>([
    [
      'the provider has a charge of nobody',
      { movements: [CHARGED] },
      [{ kind: 'MISSING_HERE', book: 'PAYMENTS', providerId: 'ch_1', paymentId: null, expected: usd(10_000n), actual: null }],
    ],
    [
      'the provider has a refund that payments did not make, whatever the ledger says of it',
      { movements: [aMovement('REFUND', 're_9', -5n)], entries: [anEntry('stripe:refund:re_9:succeeded', -5n)] },
      [{ kind: 'MISSING_HERE', book: 'PAYMENTS', providerId: 're_9', expected: usd(-5n) }],
    ],
    [
      'a refund came back of which the ledger only has that it went',
      {
        movements: [aMovement('REFUND', 're_1', -1_000n), aMovement('REFUND_FAILED', 're_1', 1_000n)],
        objects: [aRefund({ state: 'FAILED', returnedAt: NOON })],
        entries: [anEntry('stripe:refund:re_1:succeeded', -1_000n)],
      },
      [{ kind: 'AMOUNT_DIFFERS', book: 'LEDGER', providerId: 're_1', expected: usd(0n), actual: usd(-1_000n) }],
    ],
    [
      'a refund came back here and not at the provider',
      {
        movements: [aMovement('REFUND', 're_1', -1_000n)],
        objects: [aRefund({ state: 'FAILED', returnedAt: NOON })],
        entries: [anEntry('stripe:refund:re_1:succeeded', -1_000n), anEntry('stripe:refund:re_1:returned', 1_000n)],
      },
      [{ kind: 'MISSING_THERE', book: 'PROVIDER', providerId: 're_1', expected: usd(1_000n), actual: null }],
    ],
    [
      'a converted charge has another fee',
      {
        movements: [{ ...CHARGED, currency: 'EUR', amountMinor: 9_200n, feeMinor: 295n, isConverted: true }],
        objects: [aCharge({ feeMinor: 294n, feeCurrency: 'EUR' })],
        entries: [BOOKED[0], anEntry('stripe:charge:ch_1:fee', -294n, { currency: 'EUR' })].filter((entry) => entry !== undefined),
      },
      [
        {
          kind: 'FEE_DIFFERS',
          book: 'PAYMENTS',
          ...here,
          expected: { currency: 'EUR', minor: 295n },
          actual: { currency: 'EUR', minor: 294n },
        },
      ],
    ],
    [
      'the ledger has a fee in the wrong currency',
      {
        movements: [{ ...CHARGED, currency: 'EUR', amountMinor: 9_200n, feeMinor: 320n, isConverted: true }],
        objects: [aCharge({ feeCurrency: 'EUR' })],
        entries: BOOKED,
      },
      [
        {
          kind: 'FEE_DIFFERS',
          book: 'LEDGER',
          ...here,
          expected: { currency: 'EUR', minor: 320n },
          actual: { currency: 'EUR', minor: 0n },
        },
      ],
    ],
    [
      'a refund came back that succeeded here',
      {
        movements: [aMovement('REFUND', 're_1', -1_000n), aMovement('REFUND_FAILED', 're_1', 1_000n)],
        objects: [aRefund()],
        entries: [anEntry('stripe:refund:re_1:succeeded', -1_000n)],
      },
      [{ kind: 'MISSING_HERE', book: 'PAYMENTS', providerId: 're_1', paymentId: 'pay_1', expected: usd(1_000n) }],
    ],
    [
      'the provider charges by itself',
      { movements: [aMovement('FEE', 'fee_1', -200n)] },
      [{ kind: 'MISSING_HERE', book: 'PAYMENTS', providerId: 'fee_1', paymentId: null, expected: usd(-200n), actual: null }],
    ],
    [
      'the provider does not have a charge of ours',
      { objects: [aCharge()], entries: BOOKED },
      [{ kind: 'MISSING_THERE', book: 'PROVIDER', ...here, expected: usd(10_000n), actual: null }],
    ],
    [
      'the ledger has a posting of nothing',
      { entries: [anEntry('stripe:refund:re_7:succeeded', -7n)] },
      [{ kind: 'MISSING_THERE', book: 'PROVIDER', providerId: 'stripe:refund:re_7:succeeded', expected: usd(-7n), actual: null }],
    ],
    [
      'the ledger does not have it',
      { movements: [CHARGED], objects: [aCharge()] },
      [{ kind: 'MISSING_IN_LEDGER', book: 'LEDGER', ...here, expected: usd(10_000n), actual: null }],
    ],
    [
      'money came that nobody waited for any more',
      { movements: [CHARGED], objects: [aCharge({ capturedAt: null })] },
      [{ kind: 'MISSING_IN_LEDGER', book: 'LEDGER', ...here, expected: usd(10_000n), actual: null }],
    ],
    [
      'the ledger has a part of it',
      {
        movements: [CHARGED],
        objects: [aCharge()],
        entries: [anEntry('stripe:payment_intent:pi_1:succeeded', 9_999n), ...BOOKED.slice(1)],
      },
      [{ kind: 'AMOUNT_DIFFERS', book: 'LEDGER', ...here, expected: usd(10_000n), actual: usd(9_999n) }],
    ],
    [
      'the ledger does not have the fee',
      { movements: [CHARGED], objects: [aCharge()], entries: BOOKED.slice(0, 1) },
      [{ kind: 'FEE_DIFFERS', book: 'LEDGER', ...here, expected: usd(320n), actual: usd(0n) }],
    ],
    [
      'the ledger posted a refund that failed',
      { objects: [aRefund({ state: 'FAILED' })], entries: [anEntry('stripe:refund:re_1:succeeded', -1_000n)] },
      [{ kind: 'AMOUNT_DIFFERS', book: 'LEDGER', providerId: 're_1', expected: usd(0n), actual: usd(-1_000n) }],
    ],
    [
      'a dispute took more than was booked',
      {
        movements: [aMovement('DISPUTE', 'du_1', -2_000n, { feeMinor: 1_500n })],
        objects: [aDispute()],
        entries: [anEntry('stripe:dispute:du_1:opened', -500n), anEntry('stripe:dispute:du_1:fee', -1_500n)],
      },
      [{ kind: 'AMOUNT_DIFFERS', book: 'LEDGER', providerId: 'du_1', expected: usd(-2_000n), actual: usd(-500n) }],
    ],
    [
      'the amounts differ by one',
      { movements: [{ ...CHARGED, amountMinor: 10_001n }], objects: [aCharge()], entries: BOOKED },
      [{ kind: 'AMOUNT_DIFFERS', book: 'PAYMENTS', ...here, expected: usd(10_001n), actual: usd(10_000n) }],
    ],
    [
      'the currencies differ',
      { movements: [{ ...CHARGED, currency: 'EUR' }], objects: [aCharge()], entries: BOOKED },
      [{ kind: 'AMOUNT_DIFFERS', book: 'PAYMENTS', ...here, expected: { currency: 'EUR', minor: 10_000n }, actual: usd(10_000n) }],
    ],
    [
      'the fee is not known here yet',
      { movements: [CHARGED], objects: [aCharge({ feeMinor: null })], entries: BOOKED.slice(0, 1) },
      [{ kind: 'FEE_DIFFERS', book: 'PAYMENTS', ...here, expected: usd(320n), actual: usd(0n) }],
    ],
    [
      'the provider has charged twice for one thing',
      { movements: [CHARGED, { ...CHARGED, id: 'txn_2' }], objects: [aCharge()], entries: BOOKED },
      [{ kind: 'AMOUNT_DIFFERS', book: 'PAYMENTS', ...here, expected: usd(20_000n), actual: usd(10_000n) }],
    ],
  ])('is told when %s', (_title, books, expected) => {
    const found = differences(books);
    expect(found).toMatchObject(expected);
    expect(found).toHaveLength(expected.length);
  });

  it('is told once for each book, in the same order every time', () => {
    const objects = [aRefund({ providerRefundId: 're_2' }), aCharge()];
    const found = differences({ objects });
    expect(found.map(({ providerId, kind }) => [providerId, kind])).toEqual([
      ['ch_1', 'MISSING_IN_LEDGER'],
      ['ch_1', 'MISSING_THERE'],
      ['re_2', 'MISSING_IN_LEDGER'],
      ['re_2', 'MISSING_THERE'],
    ]);
    expect(differences({ objects: objects.toReversed() })).toEqual(found);
  });
});

describe('what a day comes to', () => {
  it('is the sum of its movements per currency, without payouts, beside what the ledger moved', () => {
    const movements = [
      CHARGED,
      aMovement('REFUND', 're_1', -1_000n),
      aMovement('REFUND_FAILED', 're_1', 400n),
      aMovement('DISPUTE', 'du_1', -2_000n, { feeMinor: 1_500n }),
      aMovement('FEE', 'fee_1', -200n),
      aMovement('PAYOUT', 'po_1', -3_000n),
      aMovement('CHARGE', 'ch_2', 500n, { currency: 'EUR' }),
      aMovement('CHARGE', 'ch_3', 500n, { createdAt: EVE }),
    ];
    expect(totalsOf({ day: DAY, movements, objects: [], entries: [...BOOKED, anEntry('any', 1n, { postedAt: MORROW })] })).toEqual([
      {
        currency: 'EUR',
        chargedMinor: 500n,
        refundedMinor: 0n,
        disputedMinor: 0n,
        feesMinor: 0n,
        netMinor: 500n,
        ledgerNetMinor: 0n,
        convertedMinor: 0n,
      },
      {
        currency: 'USD',
        chargedMinor: 10_000n,
        refundedMinor: 600n,
        disputedMinor: 2_000n,
        feesMinor: 2_020n,
        netMinor: 5_380n,
        ledgerNetMinor: 9_680n,
        convertedMinor: 0n,
      },
    ]);
  });
});
