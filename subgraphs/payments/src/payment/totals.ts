/** What has become of a payment's money: a fold over its events. Pure. */

export type PaymentEventKind =
  | 'REQUESTED'
  | 'ASKED'
  | 'AUTHORISED'
  | 'CAPTURE_WANTED'
  | 'CAPTURED'
  | 'FAILED'
  | 'RETRIED'
  | 'VOID_WANTED'
  | 'VOIDED'
  | 'ATTENTION'
  | 'ATTENTION_SETTLED'
  | 'REFUND_WAITING'
  | 'REFUND_ASKED'
  | 'REFUND_SUCCEEDED'
  | 'REFUND_FAILED'
  | 'REFUND_RETURNED'
  | 'ACTION_REQUIRED'
  | 'REVIEW_OPENED'
  | 'REVIEW_RELEASED'
  | 'REVIEW_REJECTED'
  | 'DISPUTE_OPENED'
  | 'DISPUTE_WON'
  | 'DISPUTE_LOST'
  /** Beside the payment: money for an attempt that was over moves no totals. */
  | 'STRAY_CAPTURED'
  | 'STRAY_REFUND_ASKED'
  | 'STRAY_REFUND_SUCCEEDED'
  | 'STRAY_REFUND_FAILED'
  | 'STRAY_REFUND_RETURNED';

export interface Totals {
  readonly capturedMinor: bigint;
  /** Asked back and not answered yet: it counts as spent. */
  readonly refundingMinor: bigint;
  readonly refundedMinor: bigint;
  /** Had gone back, and was sent back by the bank: it counts as captured again. */
  readonly returnedMinor: bigint;
  /** In open disputes, or lost in one. */
  readonly disputedMinor: bigint;
}

const NOTHING: Totals = { capturedMinor: 0n, refundingMinor: 0n, refundedMinor: 0n, returnedMinor: 0n, disputedMinor: 0n };

export function applied(totals: Totals, { kind, amountMinor }: { readonly kind: PaymentEventKind; readonly amountMinor: bigint }): Totals {
  const { capturedMinor, refundingMinor, refundedMinor, returnedMinor, disputedMinor } = totals;
  switch (kind) {
    case 'CAPTURED':
      return { ...totals, capturedMinor: capturedMinor + amountMinor };
    case 'REFUND_ASKED':
      return { ...totals, refundingMinor: refundingMinor + amountMinor };
    case 'REFUND_SUCCEEDED':
      return { ...totals, refundingMinor: refundingMinor - amountMinor, refundedMinor: refundedMinor + amountMinor };
    case 'REFUND_FAILED':
      return { ...totals, refundingMinor: refundingMinor - amountMinor };
    case 'REFUND_RETURNED':
      return { ...totals, refundedMinor: refundedMinor - amountMinor, returnedMinor: returnedMinor + amountMinor };
    case 'DISPUTE_OPENED':
      return { ...totals, disputedMinor: disputedMinor + amountMinor };
    case 'DISPUTE_WON':
      return { ...totals, disputedMinor: disputedMinor - amountMinor };
    default:
      return totals;
  }
}

export function fold(events: readonly { readonly kind: PaymentEventKind; readonly amountMinor: bigint }[]): Totals {
  return events.reduce(applied, NOTHING);
}
