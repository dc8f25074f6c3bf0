import { defineEntity, p } from '@mikro-orm/core';
import type { SplitPart } from '../payment/split.ts';
import type { RefundDestination, RefundState } from './refund.ts';

const refundSchema = defineEntity({
  name: 'Refund',
  tableName: 'refunds',
  properties: {
    id: p.string().primary(),
    paymentId: p.string(),
    amountMinor: p.bigint(),
    destination: p.string().$type<RefundDestination>(),
    walletId: p.string().nullable(),
    providerRefundId: p.string().nullable(),
    reason: p.string(),
    state: p.string().$type<RefundState>(),
    failureReason: p.string().nullable(),
    /** What each account that got a part of the capture gives back. */
    split: p.json<readonly SplitPart[]>(),
    requestedBy: p.string(),
    createdAt: p.datetime(),
    /** Null while the refund waits for the capture that it gives back. */
    askedAt: p.datetime().nullable(),
    settledAt: p.datetime().nullable(),
    /** When the bank sent back what had arrived; the state is FAILED then. */
    returnedAt: p.datetime().nullable(),
    /** The attempt whose money goes back because it was over when that came; null for a part of what the payment captured. */
    strayAttemptId: p.string().nullable(),
  },
});

/** How a refund is stored. */
export class RefundEntity extends refundSchema.class {}
refundSchema.setClass(RefundEntity);
