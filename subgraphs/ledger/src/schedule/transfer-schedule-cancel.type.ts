import { mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';

@InputType({ description: 'Which schedule to end.' })
export class TransferScheduleCancelInput {
  @Field(() => ID, { description: 'An active schedule of yours.' }) scheduleId!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'No run will come any more; those that were made stay.' })
export class TransferScheduleCancelled {
  readonly __typename = 'TransferScheduleCancelled';
  readonly scheduleId: string;
  constructor(scheduleId: string) {
    this.scheduleId = scheduleId;
  }
}

@ObjectType({ implements: Problem, description: 'There is no such schedule, or it is not yours.' })
export class ScheduleNotFound extends Problem {
  readonly __typename = 'ScheduleNotFound';
  readonly code = 'SCHEDULE_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such schedule.';
}

@ObjectType({ implements: Problem, description: 'The schedule ended before: it was completed, stopped or cancelled.' })
export class ScheduleEnded extends Problem {
  readonly __typename = 'ScheduleEnded';
  readonly code = 'SCHEDULE_ENDED';
  readonly isRetryable = false;
  readonly message = 'The schedule has ended already.';
}

export const TransferScheduleCancelResult = mutationResult(
  'TransferScheduleCancelResult',
  TransferScheduleCancelled,
  ScheduleNotFound,
  ScheduleEnded,
);
