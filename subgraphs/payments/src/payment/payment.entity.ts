import { defineEntity, p } from '@mikro-orm/core';
import type { CurrencyCode } from '@tessera/schema/contract';
import type { ClientAction } from '../provider/provider-name.ts';
import type { PaymentState, Tender, Wish } from './payment.ts';
import type { Share, SplitPart } from './split.ts';

export interface NextAttempt {
  readonly tender: Tender;
  readonly walletId: string | null;
  readonly paymentMethodId: string | null;
  readonly clientMode: ClientAction['kind'];
}

const paymentSchema = defineEntity({
  name: 'Payment',
  tableName: 'payments',
  properties: {
    id: p.string().primary(),
    /** Null for a top-up, which has a wallet instead. */
    orderId: p.string().nullable(),
    topUpWalletId: p.string().nullable(),
    /** What the provider's page calls it. */
    description: p.string(),
    /** What tells purchases of one client, and to one address, from others: see `recognitionKey`. */
    addressKey: p.string().nullable(),
    shippingKey: p.string().nullable(),
    shippingCountry: p.string().nullable(),
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
    returnedMinor: p.bigint(),
    disputedMinor: p.bigint(),
    shares: p.json<readonly Share[]>(),
    /** Where the captured money goes; fixed when the capture is asked for. */
    split: p.json<readonly SplitPart[]>().nullable(),
    /** When the order gives up waiting for money. */
    deadline: p.datetime(),
    currentAttemptId: p.string(),
    /** What the customer wants to try instead, once the current attempt is closed at the provider. */
    nextAttempt: p.json<NextAttempt>().nullable(),
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
