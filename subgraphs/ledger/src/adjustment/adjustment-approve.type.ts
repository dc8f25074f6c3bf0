import type { ProblemCodeName } from '@tessera/schema/contract';
import { mutationResult, Problem, ProblemCode } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { AdjustmentAlreadyDecided, AdjustmentExpired, AdjustmentNotFound } from './adjustment.type.ts';

@InputType({ description: 'Which adjustment to carry out.' })
export class AdjustmentApproveInput {
  @Field(() => ID, { description: 'An adjustment that another person proposed.' }) adjustmentId!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'The money has moved.' })
export class AdjustmentApproved {
  readonly __typename = 'AdjustmentApproved';
  readonly adjustmentId: string;
  constructor(adjustmentId: string) {
    this.adjustmentId = adjustmentId;
  }
}

@ObjectType({ implements: Problem, description: 'Whoever proposed an adjustment cannot approve it, in no session and with no key.' })
export class SameApprover extends Problem {
  readonly __typename = 'SameApprover';
  readonly code = 'SAME_APPROVER';
  readonly isRetryable = false;
  readonly message = 'You proposed this adjustment: another person has to approve it.';
}

@ObjectType({ implements: Problem, description: 'It was approved, and the accounts did not allow it: propose it again once they do.' })
export class AdjustmentRefused extends Problem {
  readonly __typename = 'AdjustmentRefused';
  readonly code = 'ADJUSTMENT_REFUSED';
  readonly isRetryable = false;
  readonly message: string;
  @Field(() => ProblemCode, { description: 'Why, such as INSUFFICIENT_FUNDS or ACCOUNT_CLOSED.' }) readonly reason: ProblemCodeName;
  readonly adjustmentId: string;
  constructor(adjustmentId: string, reason: ProblemCodeName) {
    super();
    this.adjustmentId = adjustmentId;
    this.reason = reason;
    this.message = `The accounts did not allow it (${reason}): propose it again once they do.`;
  }
}

export const AdjustmentApproveResult = mutationResult(
  'AdjustmentApproveResult',
  AdjustmentApproved,
  AdjustmentNotFound,
  AdjustmentAlreadyDecided,
  AdjustmentExpired,
  SameApprover,
  AdjustmentRefused,
);
