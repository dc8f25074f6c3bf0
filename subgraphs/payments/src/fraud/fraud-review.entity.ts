import { defineEntity, p } from '@mikro-orm/core';
import type { FraudReason, FraudReviewState } from './fraud.ts';

const fraudReviewSchema = defineEntity({
  name: 'FraudReview',
  tableName: 'fraud_reviews',
  properties: {
    id: p.string().primary(),
    paymentId: p.string(),
    attemptId: p.string(),
    score: p.integer(),
    reasons: p.json<readonly FraudReason[]>(),
    state: p.string().$type<FraudReviewState>(),
    /** The principal; null while it is OPEN. */
    decidedBy: p.string().nullable(),
    note: p.string().nullable(),
    openedAt: p.datetime(),
    reviewUntil: p.datetime(),
    decidedAt: p.datetime().nullable(),
  },
});

/** Captured money that waits for a person. Whoever changes it holds the payment's lock first. */
export class FraudReviewEntity extends fraudReviewSchema.class {}
fraudReviewSchema.setClass(FraudReviewEntity);
