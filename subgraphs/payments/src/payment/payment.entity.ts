import { defineEntity, p } from '@mikro-orm/core';
import type { CurrencyCode } from '@tessera/schema/contract';
import type { Share, SplitPart } from '../provider/wallet/split.ts';
import type { PaymentState, Tender, Wish } from './payment.ts';

const paymentSchema = defineEntity({
  name: 'Payment',
  tableName: 'payments',
  properties: {
    id: p.string().primary(),
    orderId: p.string(),
    customerId: p.string(),
    tender: p.string().$type<Tender>(),
    state: p.string().$type<PaymentState>(),
    wish: p.string().$type<Wish>(),
    failureReason: p.string().nullable(),
    currency: p.string().$type<CurrencyCode>(),
    amountMinor: p.bigint(),
    capturedMinor: p.bigint(),
    refundingMinor: p.bigint(),
    refundedMinor: p.bigint(),
    disputedMinor: p.bigint(),
    shares: p.json<readonly Share[]>(),
    /** Where the captured money goes; fixed when the capture is asked for. */
    split: p.json<readonly SplitPart[]>().nullable(),
    /** When the order gives up waiting for money. */
    deadline: p.datetime(),
    currentAttemptId: p.string(),
    eventCount: p.integer(),
    needsAttention: p.boolean(),
    attentionReason: p.string().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** How a payment is stored. What may happen to it is in `payment.ts`; how it is seen is in `payment.type.ts`. */
export class PaymentEntity extends paymentSchema.class {}
paymentSchema.setClass(PaymentEntity);
