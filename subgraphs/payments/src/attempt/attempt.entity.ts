import { defineEntity, p } from '@mikro-orm/core';
import type { AttemptState } from '../payment/payment.ts';

const attemptSchema = defineEntity({
  name: 'PaymentAttempt',
  tableName: 'payment_attempts',
  properties: {
    id: p.string().primary(),
    paymentId: p.string(),
    number: p.integer(),
    walletId: p.string().nullable(),
    /** The ledger's hold, once it is placed. */
    holdId: p.string().nullable(),
    state: p.string().$type<AttemptState>(),
    failureReason: p.string().nullable(),
    /** Until when the attempt waits for its wallet to become known. */
    waitsUntil: p.datetime().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** One try to get the money. A definitive refusal closes it; trying again is a new attempt. */
export class AttemptEntity extends attemptSchema.class {}
attemptSchema.setClass(AttemptEntity);
