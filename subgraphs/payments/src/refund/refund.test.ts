import { describe, expect, it } from '@jest/globals';
import { decideRefund, MAX_REFUNDS, type RefundablePayment } from './refund.ts';

const captured = (facts: Partial<RefundablePayment> = {}): RefundablePayment => ({
  state: 'CAPTURED',
  currency: 'USD',
  amountMinor: 1_000n,
  capturedMinor: 1_000n,
  refundingMinor: 0n,
  refundedMinor: 0n,
  disputedMinor: 0n,
  ...facts,
});
const none = { count: 0, waitingMinor: 0n };
const usd = (minor: bigint) => ({ currency: 'USD', minor });

describe('a refund', () => {
  it('is of what was asked, or of all that is left', () => {
    expect(decideRefund(captured(), usd(400n), none)).toEqual({ outcome: 'REFUND', amountMinor: 400n });
    expect(decideRefund(captured({ refundedMinor: 300n, refundingMinor: 200n, disputedMinor: 100n }), null, none)).toEqual({
      outcome: 'REFUND',
      amountMinor: 400n,
    });
  });

  it('never gives back more than was captured, refunds under way and lost disputes counted', () => {
    const payment = captured({ refundedMinor: 300n, refundingMinor: 200n, disputedMinor: 100n });
    expect(decideRefund(payment, usd(401n), none)).toEqual({ outcome: 'EXCEEDS_CAPTURED', refundableMinor: 400n });
    expect(decideRefund(captured({ refundedMinor: 1_000n }), null, none)).toEqual({ outcome: 'NOT_REFUNDABLE' });
  });

  it('waits for a capture that is under way, and counts others that wait', () => {
    const payment = captured({ state: 'AUTHORISED', capturedMinor: 0n });
    expect(decideRefund(payment, usd(1_000n), none)).toEqual({ outcome: 'WAIT', amountMinor: 1_000n });
    expect(decideRefund(payment, usd(2n), { count: 1, waitingMinor: 999n })).toEqual({ outcome: 'EXCEEDS_CAPTURED', refundableMinor: 1n });
  });

  it.each(['FAILED', 'VOIDED'] as const)('is refused in state %s', (state) => {
    expect(decideRefund(captured({ state, capturedMinor: 0n }), null, none)).toEqual({ outcome: 'NOT_REFUNDABLE' });
  });

  it('is in the currency of the payment, and one of a bounded number', () => {
    expect(decideRefund(captured(), { currency: 'EUR', minor: 1n }, none)).toEqual({ outcome: 'CURRENCY_MISMATCH' });
    expect(decideRefund(captured(), usd(1n), { count: MAX_REFUNDS, waitingMinor: 0n })).toEqual({ outcome: 'NOT_REFUNDABLE' });
  });
});
