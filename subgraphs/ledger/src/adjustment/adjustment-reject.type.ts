import { mutationResult } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { AdjustmentAlreadyDecided, AdjustmentExpired, AdjustmentNotFound } from './adjustment.type.ts';

@InputType({ description: 'Which adjustment not to carry out.' })
export class AdjustmentRejectInput {
  @Field(() => ID, { description: 'An adjustment that nobody has decided yet.' }) adjustmentId!: string;
  @Field(() => String, { description: 'Why, 1 to 140 characters.' }) note!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'It will not be carried out: REJECTED by another person, or WITHDRAWN by whoever proposed it.' })
export class AdjustmentRejected {
  readonly __typename = 'AdjustmentRejected';
  readonly adjustmentId: string;
  constructor(adjustmentId: string) {
    this.adjustmentId = adjustmentId;
  }
}

export const AdjustmentRejectResult = mutationResult(
  'AdjustmentRejectResult',
  AdjustmentRejected,
  AdjustmentNotFound,
  AdjustmentAlreadyDecided,
  AdjustmentExpired,
);
