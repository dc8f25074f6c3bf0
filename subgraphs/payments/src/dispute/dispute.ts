/** Rules of disputes: what follows from what the provider says. Plain data in, decision out. */

/** OPEN: the money is with the provider until the bank has decided. */
export type DisputeState = 'OPEN' | 'WON' | 'LOST';

/** What happened to the money, in the order in which it happened. */
export type DisputeFact = 'OPENED' | 'WON' | 'LOST';

export interface DisputeDecision {
  readonly facts: readonly DisputeFact[];
  /** The provider takes back what it called final: a person has to look. */
  readonly isContradiction: boolean;
}

/**
 * What is new. Only forward: reports may come twice, late or in any order, and a dispute that is heard of only after its end brings all
 * of its facts at once. @param known null for a dispute that was not heard of before
 */
export function decideDispute(known: DisputeState | null, reported: DisputeState): DisputeDecision {
  const isClosed = known === 'WON' || known === 'LOST';
  if (isClosed) return { facts: [], isContradiction: reported !== 'OPEN' && reported !== known };
  const facts: DisputeFact[] = known === null ? ['OPENED'] : [];
  if (reported !== 'OPEN') facts.push(reported);
  return { facts, isContradiction: false };
}

export interface DisputedPayment {
  readonly capturedMinor: bigint;
  readonly refundingMinor: bigint;
  readonly refundedMinor: bigint;
  readonly disputedMinor: bigint;
}

/**
 * How much of a disputed amount fits into the payment: what is captured and has not gone back, is not on its way back and is in no other
 * dispute. A provider that takes more than that (after a refund to a wallet it may) takes the platform's own money.
 */
export function fittingMinor(
  { capturedMinor, refundingMinor, refundedMinor, disputedMinor }: DisputedPayment,
  amountMinor: bigint,
): bigint {
  const leftMinor = capturedMinor - refundingMinor - refundedMinor - disputedMinor;
  if (leftMinor <= 0n) return 0n;
  return amountMinor < leftMinor ? amountMinor : leftMinor;
}
