import { defineEntity, p } from '@mikro-orm/core';
import type { FraudOutcome, FraudPhase, FraudReason } from './fraud.ts';

const fraudAssessmentSchema = defineEntity({
  name: 'FraudAssessment',
  tableName: 'fraud_assessments',
  properties: {
    attemptId: p.string().primary(),
    phase: p.string().$type<FraudPhase>().primary(),
    paymentId: p.string(),
    score: p.integer(),
    outcome: p.string().$type<FraudOutcome>(),
    reasons: p.json<readonly FraudReason[]>(),
    assessedAt: p.datetime(),
  },
});

/** What the fraud rules said of an attempt; written once per phase, never changed. */
export class FraudAssessmentEntity extends fraudAssessmentSchema.class {}
fraudAssessmentSchema.setClass(FraudAssessmentEntity);
