import { DateTime, MoneyInput, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { CurrencyMismatch, RecipientNotFound, SameAccount, TransferRecipientInput } from '../transfer/transfer-create.type.ts';
import { AccountClosed, WalletNotFound } from '../wallet/wallet.type.ts';
import { type Cadence, MAX_ACTIVE_SCHEDULES } from './schedule.ts';

const RepeatEveryEnum = { DAILY: 'DAILY', WEEKLY: 'WEEKLY', MONTHLY: 'MONTHLY' } as const;
registerEnumType(RepeatEveryEnum, { name: 'ScheduleRepeatEvery', description: 'How often a transfer repeats.' });

@InputType({ description: 'How a scheduled transfer repeats; without endsAt and count it goes on until it is cancelled.' })
export class ScheduleRepeatInput {
  @Field(() => RepeatEveryEnum, { description: 'Every day, week or month, at the time of day of startsAt.' })
  every!: Exclude<Cadence, 'ONCE'>;
  @Field(() => Int, {
    nullable: true,
    description:
      'Only with MONTHLY: the day, 1 to 31; a shorter month has its run on its last day. The day of startsAt when it is left out.',
  })
  dayOfMonth?: number;
  @Field(() => String, {
    nullable: true,
    description: 'IANA name of the time zone by whose clocks and calendar runs are due, such as Europe/Berlin; UTC when it is left out.',
  })
  timeZone?: string;
  @Field(() => DateTime, { nullable: true, description: 'No run after this instant; at most one of endsAt and count.' }) endsAt?: Date;
  @Field(() => Int, { nullable: true, description: 'So many runs, refused ones included, 1 to 1,000; at most one of endsAt and count.' })
  count?: number;
}

@InputType({ description: 'What to send from where to whom, and when.' })
export class TransferScheduleInput {
  @Field(() => ID, { description: 'A wallet of yours.' }) fromWalletId!: string;
  @Field(() => TransferRecipientInput, {
    description: 'Who receives it: the user who has the address or handle now, whatever they are called later, or one wallet.',
  })
  to!: TransferRecipientInput;
  @Field(() => MoneyInput, { description: 'How much each time, in the currency of both wallets; more than 0.' }) amount!: MoneyInput;
  @Field(() => String, { nullable: true, description: 'For the recipient to read, at most 140 characters.' }) note?: string;
  @Field(() => DateTime, {
    description: 'The first run is then or, with a dayOfMonth, the first such day after it; at most 5 years ahead.',
  })
  startsAt!: Date;
  @Field(() => ScheduleRepeatInput, { nullable: true, description: 'How it repeats; once when it is left out.' })
  repeat?: ScheduleRepeatInput;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string;
}

@ObjectType({ description: 'The transfer will be made when it is due.' })
export class TransferScheduled {
  readonly __typename = 'TransferScheduled';
  readonly scheduleId: string;
  constructor(scheduleId: string) {
    this.scheduleId = scheduleId;
  }
}

@ObjectType({ implements: Problem, description: 'The wallet has as many active schedules as it may have: cancel one first.' })
export class ScheduleLimitReached extends Problem {
  readonly __typename = 'ScheduleLimitReached';
  readonly code = 'SCHEDULE_LIMIT_REACHED';
  readonly isRetryable = false;
  readonly message = `A wallet may have ${MAX_ACTIVE_SCHEDULES} active schedules: cancel one first.`;
}

export const TransferScheduleResult = mutationResult(
  'TransferScheduleResult',
  TransferScheduled,
  WalletNotFound,
  RecipientNotFound,
  AccountClosed,
  CurrencyMismatch,
  SameAccount,
  ScheduleLimitReached,
);
