import type { DisputeState } from '../dispute/dispute.ts';
import { disputeKey } from '../dispute/post-dispute.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { RefundState } from '../refund/refund.ts';
import type { OwnMovement, OwnObject } from './books.ts';

/** What payments knows of a charge, refund or dispute, and what follows from it for the other two books. Pure. */

export interface ChargeFacts {
  readonly provider: ProviderName;
  readonly attemptId: string;
  readonly paymentId: string;
  readonly chargeId: string;
  readonly intentId: string | null;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint | null;
  readonly feeCurrency?: string | null;
  readonly createdAt: Date;
  /** When it was booked, also beside what the payment captured; null for money that is not believed: it is not booked, which is a difference. */
  readonly capturedAt: Date | null;
}

export function chargeObject(facts: ChargeFacts): OwnObject {
  const { provider, attemptId, paymentId, chargeId, intentId, currency, amountMinor, createdAt, capturedAt } = facts;
  const feeMinor = facts.feeMinor ?? 0n;
  const prefix = provider.toLowerCase();
  const times = { earliestAt: createdAt, latestAt: capturedAt ?? createdAt };
  return {
    kind: 'CHARGE',
    providerId: chargeId,
    paymentId,
    currency,
    feeCurrency: facts.feeCurrency ?? currency,
    movements: [{ kind: 'CHARGE', amountMinor, feeMinor, ...times, isCertain: capturedAt !== null }],
    // The keys of `bookCapture`: by the intent, or by the attempt where that was not known yet.
    factKeys: [
      ...(intentId ? [`${prefix}:payment_intent:${intentId}:succeeded`] : []),
      `${prefix}:payment_intent:${attemptId}:succeeded`,
      `${prefix}:charge:${chargeId}:fee`,
    ],
    ledgerAmountMinor: amountMinor,
    ledgerFeeMinor: feeMinor,
  };
}

export interface RefundFacts {
  readonly provider: ProviderName;
  readonly paymentId: string;
  readonly providerRefundId: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly state: RefundState;
  readonly askedAt: Date;
  readonly settledAt: Date | null;
  /** When it was known that the bank had sent it back. */
  readonly returnedAt: Date | null;
}

/** A refund that failed may have left the balance and come back, or never have left it; one that was known to have succeeded did both. */
export function refundObject(facts: RefundFacts): OwnObject {
  const { provider, paymentId, providerRefundId, currency, amountMinor, state, askedAt, settledAt, returnedAt } = facts;
  const key = `${provider.toLowerCase()}:refund:${providerRefundId}`;
  const times = { earliestAt: askedAt, latestAt: settledAt ?? askedAt };
  const left: OwnMovement = {
    kind: 'REFUND',
    amountMinor: -amountMinor,
    feeMinor: 0n,
    ...times,
    isCertain: state === 'SUCCEEDED' || returnedAt !== null,
  };
  const backTimes = returnedAt ? { earliestAt: times.latestAt, latestAt: returnedAt } : times;
  const back: OwnMovement = { kind: 'REFUND_FAILED', amountMinor, feeMinor: 0n, ...backTimes, isCertain: returnedAt !== null };
  return {
    kind: 'REFUND',
    providerId: providerRefundId,
    paymentId,
    currency,
    feeCurrency: currency,
    movements: state === 'FAILED' ? [left, back] : [left],
    factKeys: [`${key}:succeeded`, `${key}:returned`, `${key}:returned:escrow`],
    ledgerAmountMinor: state === 'SUCCEEDED' ? -amountMinor : 0n,
    ledgerFeeMinor: 0n,
  };
}

export interface DisputeFacts {
  readonly provider: ProviderName;
  readonly paymentId: string;
  readonly providerDisputeId: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly feeCurrency?: string | null;
  /** What the ledger was asked to book of it, one after the other; negative when it was given back. */
  readonly feeChanges: readonly { readonly factKey: string; readonly changeMinor: bigint }[];
  readonly state: DisputeState;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
}

/** What was taken beyond the capture is booked too: the platform bears it. */
export function disputeObject(facts: DisputeFacts): OwnObject {
  const { paymentId, providerDisputeId, currency, amountMinor, feeMinor, feeChanges, state, openedAt, closedAt } = facts;
  // With the money that was won comes what is given back of the fee.
  const givenBack = feeChanges.reduce((sofar, { changeMinor }) => (changeMinor < 0n ? sofar + changeMinor : sofar), 0n);
  const returnedMinor = state === 'WON' ? givenBack : 0n;
  const at = (instant: Date) => ({ earliestAt: instant, latestAt: instant, isCertain: true });
  const movements: OwnMovement[] = [{ kind: 'DISPUTE', amountMinor: -amountMinor, feeMinor: feeMinor - returnedMinor, ...at(openedAt) }];
  if (state === 'WON' && closedAt) movements.push({ kind: 'DISPUTE_REVERSED', amountMinor, feeMinor: returnedMinor, ...at(closedAt) });
  return {
    kind: 'DISPUTE',
    providerId: providerDisputeId,
    paymentId,
    currency,
    feeCurrency: facts.feeCurrency ?? currency,
    movements,
    factKeys: [
      ...new Set([
        ...(['opened', 'fee', 'won'] as const).map((fact) => disputeKey(facts, fact)),
        ...feeChanges.map(({ factKey }) => factKey),
      ]),
    ],
    ledgerAmountMinor: state === 'WON' ? 0n : -amountMinor,
    ledgerFeeMinor: feeMinor,
  };
}
