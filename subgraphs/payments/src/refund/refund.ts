/** Rules of refunds: how much may go back. Plain data in, decision out. */
import type { PaymentState } from '../payment/payment.ts';

export type RefundState = 'PENDING' | 'SUCCEEDED' | 'FAILED';
export type RefundDestination = 'WALLET' | 'ORIGINAL';

export const MAX_REFUNDS = 100;

export interface RefundablePayment {
  readonly state: PaymentState;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly capturedMinor: bigint;
  readonly refundingMinor: bigint;
  readonly refundedMinor: bigint;
  readonly disputedMinor: bigint;
}

export type RefundDecision =
  | { readonly outcome: 'REFUND' | 'WAIT'; readonly amountMinor: bigint }
  | { readonly outcome: 'CURRENCY_MISMATCH' | 'NOT_REFUNDABLE' }
  | { readonly outcome: 'EXCEEDS_CAPTURED'; readonly refundableMinor: bigint };

/** What may still go back: captured, less what went back, is on its way back, or is disputed. */
export function refundableMinor({
  capturedMinor,
  refundingMinor,
  refundedMinor,
  disputedMinor,
}: Pick<RefundablePayment, 'capturedMinor' | 'refundingMinor' | 'refundedMinor' | 'disputedMinor'>): bigint {
  return capturedMinor - refundingMinor - refundedMinor - disputedMinor;
}

/**
 * Decides a refund of `amount`, or of all that is left when it is null. WAIT: the capture is still under way (an order cancelled in the
 * moment of its confirmation), and the refund follows it.
 * @param known how many refunds the payment has, and what those ask for that wait for the capture
 */
export function decideRefund(
  payment: RefundablePayment,
  amount: { readonly currency: string; readonly minor: bigint } | null,
  known: { readonly count: number; readonly waitingMinor: bigint },
): RefundDecision {
  if (amount && amount.currency !== payment.currency) return { outcome: 'CURRENCY_MISMATCH' };
  if (known.count >= MAX_REFUNDS) return { outcome: 'NOT_REFUNDABLE' };
  const isCaptured = payment.state === 'CAPTURED';
  const isUnderWay = payment.state === 'PENDING' || payment.state === 'REQUIRES_ACTION' || payment.state === 'AUTHORISED';
  if (!isCaptured && !isUnderWay) return { outcome: 'NOT_REFUNDABLE' };
  const left = isCaptured ? refundableMinor(payment) : payment.amountMinor - known.waitingMinor;
  const amountMinor = amount?.minor ?? left;
  if (left <= 0n) return { outcome: 'NOT_REFUNDABLE' };
  if (amountMinor > left) return { outcome: 'EXCEEDS_CAPTURED', refundableMinor: left };
  return { outcome: isCaptured ? 'REFUND' : 'WAIT', amountMinor };
}
