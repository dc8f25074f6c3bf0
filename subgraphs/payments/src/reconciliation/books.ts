/** The three books that are compared, as plain data: the provider's, our own, and the ledger's. */
import type { ProviderMovement } from '../provider/provider-adapter.ts';

/** From, inclusive, until, exclusive. */
export interface Interval {
  readonly from: Date;
  readonly until: Date;
}

export function isWithin({ from, until }: Interval, at: Date): boolean {
  return from <= at && at < until;
}

/** Kinds of movements that we know from our own facts. */
export type OwnMovementKind = Exclude<ProviderMovement['kind'], 'FEE' | 'PAYOUT' | 'OTHER'>;
export type OwnObjectKind = 'CHARGE' | 'REFUND' | 'DISPUTE';

/** What the provider's books should show of one of our facts. Signed as the provider does: what it pays out is negative. */
export interface OwnMovement {
  readonly kind: OwnMovementKind;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  /** Between when and when it happened at the provider, as far as we know. */
  readonly earliestAt: Date;
  readonly latestAt: Date;
  /** Whether the provider must have it. Refunds that are under way or failed need not have moved anything there. */
  readonly isCertain: boolean;
}

/** A charge, refund or dispute as payments knows it. */
export interface OwnObject {
  readonly kind: OwnObjectKind;
  readonly providerId: string;
  readonly paymentId: string;
  readonly currency: string;
  /** Differs where the provider settles in another one. */
  readonly feeCurrency: string;
  readonly movements: readonly OwnMovement[];
  /** Under which keys the ledger books it on the provider's clearing account. */
  readonly factKeys: readonly string[];
  /** What all of that comes to there by now: debits less credits without the fee, and the fee. */
  readonly ledgerAmountMinor: bigint;
  readonly ledgerFeeMinor: bigint;
}

/** A movement of the provider's clearing account in the ledger; debits are positive. */
export interface LedgerEntry {
  readonly factKey: string;
  readonly code: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly paymentId: string | null;
  readonly postedAt: Date;
}

export interface Books {
  /** What is judged. */
  readonly day: Interval;
  /** What was read of the provider's book: the day and its neighbours. */
  readonly window: Interval;
  readonly movements: readonly ProviderMovement[];
  /** Of every payment that one of the books touches on that day, whenever its own facts happened. */
  readonly objects: readonly OwnObject[];
  /** Those of the day, and those of the objects, whenever they were posted. */
  readonly entries: readonly LedgerEntry[];
}

export interface Amount {
  readonly currency: string;
  readonly minor: bigint;
}

export type DifferenceKind = 'MISSING_HERE' | 'MISSING_THERE' | 'MISSING_IN_LEDGER' | 'AMOUNT_DIFFERS' | 'FEE_DIFFERS';
/** Which book does not say what the others do. */
export type Book = 'PROVIDER' | 'PAYMENTS' | 'LEDGER';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly book: Book;
  /** The provider's id of the charge, refund, dispute or movement; for a posting of nothing that is known, its fact key. */
  readonly providerId: string;
  readonly paymentId: string | null;
  /** What the other books say. */
  readonly expected: Amount | null;
  /** What this book says; null where it says nothing. */
  readonly actual: Amount | null;
}

export interface CurrencyTotal {
  readonly currency: string;
  readonly chargedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly disputedMinor: bigint;
  readonly feesMinor: bigint;
  readonly netMinor: bigint;
  readonly ledgerNetMinor: bigint;
  /**
   * What the provider turned into this currency, less what it turned out of it. The ledger keeps what was paid in the currency in which it was
   * paid, so that its net and this are the provider's net.
   */
  readonly convertedMinor: bigint;
}
