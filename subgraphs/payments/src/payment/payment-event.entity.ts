import { defineEntity, p } from '@mikro-orm/core';
import type { PaymentEventKind } from './totals.ts';

const paymentEventSchema = defineEntity({
  name: 'PaymentEvent',
  tableName: 'payment_events',
  properties: {
    paymentId: p.string().primary(),
    sequence: p.integer().primary(),
    kind: p.string().$type<PaymentEventKind>(),
    amountMinor: p.bigint(),
    attemptId: p.string().nullable(),
    refundId: p.string().nullable(),
    reason: p.string().nullable(),
    actor: p.string(),
    traceparent: p.string().nullable(),
    occurredAt: p.datetime(),
  },
});

/** One thing that happened to a payment; written once, never changed. */
export class PaymentEventEntity extends paymentEventSchema.class {}
paymentEventSchema.setClass(PaymentEventEntity);
