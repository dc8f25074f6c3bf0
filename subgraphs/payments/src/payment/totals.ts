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
  | 'ACTION_REQUIRED'
  | 'REVIEW_OPENED'
  | 'REVIEW_RELEASED'
  | 'REVIEW_REJECTED'
  | 'DISPUTE_OPENED'
  | 'DISPUTE_WON'
  | 'DISPUTE_LOST';

export interface Totals {
  readonly capturedMinor: bigint;
  /** Asked back and not answered yet: it counts as spent. */
  readonly refundingMinor: bigint;
  readonly refundedMinor: bigint;
  /** In open disputes, or lost in one. */
  readonly disputedMinor: bigint;
}

const NOTHING: Totals = { capturedMinor: 0n, refundingMinor: 0n, refundedMinor: 0n, disputedMinor: 0n };

export function applied(totals: Totals, { kind, amountMinor }: { readonly kind: PaymentEventKind; readonly amountMinor: bigint }): Totals {
  const { capturedMinor, refundingMinor, refundedMinor, disputedMinor } = totals;
  switch (kind) {
    case 'CAPTURED':
      return { ...totals, capturedMinor: capturedMinor + amountMinor };
    case 'REFUND_ASKED':
      return { ...totals, refundingMinor: refundingMinor + amountMinor };
    case 'REFUND_SUCCEEDED':
      return { ...totals, refundingMinor: refundingMinor - amountMinor, refundedMinor: refundedMinor + amountMinor };
    case 'REFUND_FAILED':
      return { ...totals, refundingMinor: refundingMinor - amountMinor };
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
