import { DateTime } from '@tessera/service-kit/graphql';
import { connectionTypes } from '@tessera/service-kit/pagination';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { FraudOutcomeEnum, FraudPhaseEnum, FraudReviewStateEnum, FraudRuleEnum } from './fraud.enums.ts';
import type { FraudReason as Finding, FraudOutcome, FraudPhase, FraudReviewState, FraudRule } from './fraud.ts';
import type { FraudAssessmentEntity } from './fraud-assessment.entity.ts';
import type { FraudReviewEntity } from './fraud-review.entity.ts';

@ObjectType({ description: 'One thing that the fraud rules found.' })
class FraudReason implements Finding {
  @Field(() => FraudRuleEnum, { description: 'Which rule found it.' }) readonly rule!: FraudRule;
  @Field(() => Int, { description: 'What it adds to the score.' }) readonly weight!: number;
  @Field(() => String, { description: 'What was found, in a sentence with the numbers.' }) readonly detail!: string;
}

@ObjectType({ description: 'What the fraud rules said of one attempt of a payment.' })
export class FraudAssessment {
  @Field(() => FraudPhaseEnum, { description: 'When it was assessed.' }) readonly phase: FraudPhase;
  @Field(() => Int, { description: 'The weights of all reasons together.' }) readonly score: number;
  @Field(() => FraudOutcomeEnum, { description: 'What followed from the score.' }) readonly outcome: FraudOutcome;
  @Field(() => [FraudReason], { description: 'What was found, at most one per rule.' }) readonly reasons: readonly Finding[];
  @Field(() => DateTime, { description: 'When the rules were asked.' }) readonly assessedAt: Date;

  constructor({ phase, score, outcome, reasons, assessedAt }: FraudAssessmentEntity) {
    this.phase = phase;
    this.score = score;
    this.outcome = outcome;
    this.reasons = reasons;
    this.assessedAt = assessedAt;
  }
}

@ObjectType({ description: 'Captured money that waits, or waited, for a person: until it is released its order does not go on.' })
export class FraudReview {
  @Field(() => ID, { description: 'Opaque id, starts with frv_.' }) readonly id: string;
  @Field(() => Int, { description: 'The weights of all reasons together.' }) readonly score: number;
  @Field(() => [FraudReason], { description: 'What the fraud rules found, at most one per rule.' }) readonly reasons: readonly Finding[];
  @Field(() => FraudReviewStateEnum, { description: 'Whether it was decided, and how.' }) readonly state: FraudReviewState;
  @Field(() => DateTime, { description: 'Since when it waits.' }) readonly openedAt: Date;
  @Field(() => DateTime, { description: 'When the money goes back by itself, unless somebody decides before.' }) readonly reviewUntil: Date;
  @Field(() => DateTime, { nullable: true, description: 'When it was decided, or lapsed; null while it is OPEN.' })
  readonly decidedAt: Date | null;
  @Field(() => String, { nullable: true, description: 'Why it was decided so; null while it is OPEN and when it is LAPSED.' })
  readonly note: string | null;
  readonly paymentId: string;
  /** The principal. */
  readonly decidedByPrincipal: string | null;

  constructor(review: FraudReviewEntity) {
    this.id = review.id;
    this.score = review.score;
    this.reasons = review.reasons;
    this.state = review.state;
    this.openedAt = review.openedAt;
    this.reviewUntil = review.reviewUntil;
    this.decidedAt = review.decidedAt ?? null;
    this.note = review.note ?? null;
    this.paymentId = review.paymentId;
    this.decidedByPrincipal = review.decidedBy ?? null;
  }
}

export const FraudReviewConnection = connectionTypes('FraudReview', () => FraudReview);

@InputType({ description: 'Which states fit; all that is given must hold.' })
export class FraudReviewStateFilter {
  @Field(() => FraudReviewStateEnum, { nullable: true, description: 'Exactly this one.' }) eq?: FraudReviewState | null;
  @Field(() => [FraudReviewStateEnum], { nullable: true, description: 'One of these, at most 100.' }) in?: FraudReviewState[] | null;
}

@InputType({ description: 'Which reviews fit.' })
export class FraudReviewWhere {
  @Field(() => FraudReviewStateFilter, { nullable: true, description: 'Whether and how it was decided; OPEN when it is left out.' })
  state?: FraudReviewStateFilter | null;
}
