import { mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { type FraudReviewDecision, FraudReviewDecisionEnum, FraudReviewStateEnum } from './fraud.enums.ts';
import type { FraudReviewState } from './fraud.ts';

@InputType({ description: 'What to do with captured money that waits for a decision.' })
export class FraudReviewDecideInput {
  @Field(() => ID, { description: 'An open review; not of a payment of yours.' }) reviewId!: string;
  @Field(() => FraudReviewDecisionEnum, { description: 'Let the money stand, or send it back; final either way.' })
  decision!: FraudReviewDecision;
  @Field(() => String, { description: 'Why, for whoever looks at it later, never for the customer: 1 to 500 characters.' }) note!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'The review is decided; what follows for payment and order is under way.' })
export class FraudReviewDecided {
  readonly __typename = 'FraudReviewDecided';
  readonly reviewId: string;
  constructor(reviewId: string) {
    this.reviewId = reviewId;
  }
}

@ObjectType({ implements: Problem, description: 'There is no such review.' })
export class FraudReviewNotFound extends Problem {
  readonly __typename = 'FraudReviewNotFound';
  readonly code = 'FRAUD_REVIEW_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such review.';
}

@ObjectType({ implements: Problem, description: 'Somebody has decided already, or nobody did in time; a decision is final.' })
export class FraudReviewClosed extends Problem {
  readonly __typename = 'FraudReviewClosed';
  readonly code = 'FRAUD_REVIEW_CLOSED';
  readonly isRetryable = false;
  readonly message = 'The review is closed: its decision is final.';
  @Field(() => FraudReviewStateEnum, { description: 'How it was closed.' }) readonly state: FraudReviewState;
  constructor(state: FraudReviewState) {
    super();
    this.state = state;
  }
}

export const FraudReviewDecideResult = mutationResult(
  'FraudReviewDecideResult',
  FraudReviewDecided,
  FraudReviewNotFound,
  FraudReviewClosed,
);
