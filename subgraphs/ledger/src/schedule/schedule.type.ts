import type { ProblemCodeName } from '@tessera/schema/contract';
import { DateTime, Money, ProblemCode } from '@tessera/service-kit/graphql';
import { connectionTypes } from '@tessera/service-kit/pagination';
import { Directive, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ScheduleEntity, ScheduleRunEntity } from './schedule.entity.ts';
import { CADENCES, type Cadence, SCHEDULE_STATES, type ScheduleState } from './schedule.ts';

const CadenceEnum = Object.fromEntries(CADENCES.map((cadence) => [cadence, cadence])) as { readonly [K in Cadence]: K }; // fromEntries forgets the keys
registerEnumType(CadenceEnum, { name: 'ScheduleCadence', description: 'How often a scheduled transfer is made.' });

const ScheduleStateEnum = Object.fromEntries(SCHEDULE_STATES.map((state) => [state, state])) as { readonly [K in ScheduleState]: K }; // fromEntries forgets the keys
registerEnumType(ScheduleStateEnum, {
  name: 'ScheduleState',
  description:
    'ACTIVE: the next run will come; COMPLETED: all runs were made; CANCELLED: by its owner; STOPPED: after 3 refused runs in a row, or one that would be refused for ever.',
});

/** A transfer that is made later, once or again and again. */
@Directive('@key(fields: "id")')
@ObjectType({ description: 'A transfer that is made later, once or again and again; visible to its owner and with ledger:read.' })
export class TransferSchedule {
  @Field(() => ID, { description: 'Opaque id, starts with sch_.' }) readonly id: string;
  @Field(() => Money, { description: 'What each run moves.' }) readonly amount: Money;
  @Field(() => String, { nullable: true, description: 'What the recipient reads.' }) readonly note: string | null;
  @Field(() => CadenceEnum, { description: 'How often.' }) readonly cadence: Cadence;
  @Field(() => String, { description: 'IANA name of the time zone by whose clocks and calendar runs are due.' }) readonly timeZone: string;
  @Field(() => Int, { nullable: true, description: 'The day of a monthly one; a shorter month has its run on its last day.' })
  readonly dayOfMonth: number | null;
  @Field(() => DateTime, { description: 'No run is before it.' }) readonly startsAt: Date;
  @Field(() => DateTime, { nullable: true, description: 'No run is after it.' }) readonly endsAt: Date | null;
  @Field(() => Int, { nullable: true, description: 'How many runs there are at most.' }) readonly maxRuns: number | null;
  @Field(() => ScheduleStateEnum, { description: 'Whether it goes on.' }) readonly state: ScheduleState;
  @Field(() => DateTime, { nullable: true, description: 'When the next run is due; null once it has ended.' })
  readonly nextRunAt: Date | null;
  @Field(() => Int, { description: 'How many runs were made, refused ones included.' }) readonly runCount: number;
  @Field(() => DateTime, { description: 'When it was made.' }) readonly createdAt: Date;
  @Field(() => DateTime, { nullable: true, description: 'When it ended.' }) readonly endedAt: Date | null;
  readonly fromWalletId: string;
  readonly toUserId: string | null;
  readonly toWalletId: string | null;

  constructor(schedule: ScheduleEntity) {
    this.id = schedule.id;
    this.amount = new Money(schedule.currency, schedule.amountMinor);
    this.note = schedule.note ?? null;
    this.cadence = schedule.cadence;
    this.timeZone = schedule.timeZone;
    this.dayOfMonth = schedule.dayOfMonth ?? null;
    this.startsAt = schedule.startsAt;
    this.endsAt = schedule.endsAt ?? null;
    this.maxRuns = schedule.maxRuns ?? null;
    this.state = schedule.state;
    this.nextRunAt = schedule.nextRunAt ?? null;
    this.runCount = schedule.nextRun;
    this.createdAt = schedule.createdAt;
    this.endedAt = schedule.endedAt ?? null;
    this.fromWalletId = schedule.fromWalletId;
    this.toUserId = schedule.toUserId ?? null;
    this.toWalletId = schedule.toWalletId ?? null;
  }
}

@ObjectType({ description: 'One run of a schedule: a transfer, or why there was none.' })
export class ScheduleRun {
  @Field(() => ID, { description: 'Opaque id, starts with srn_.' }) readonly id: string;
  @Field(() => Int, { description: 'Which run it was, counted from 1.' }) readonly number: number;
  @Field(() => DateTime, { description: 'When it was due.' }) readonly dueAt: Date;
  @Field(() => DateTime, { description: 'When it was made; later than it was due when it had to be caught up.' }) readonly ranAt: Date;
  @Field(() => ProblemCode, { nullable: true, description: 'Why it was refused, such as INSUFFICIENT_FUNDS; null when money moved.' })
  readonly refusal: ProblemCodeName | null;
  readonly transferId: string | null;

  constructor(run: ScheduleRunEntity) {
    this.id = run.id;
    this.number = run.run + 1;
    this.dueAt = run.dueAt;
    this.ranAt = run.ranAt;
    this.refusal = run.refusal ?? null;
    this.transferId = run.transferId ?? null;
  }
}

@InputType({ description: 'Which schedules of a wallet.' })
export class TransferScheduleWhere {
  @Field(() => [ScheduleStateEnum], { nullable: true, description: 'In one of these states, at most 4.' }) state?: ScheduleState[];
}

export const TransferScheduleConnection = connectionTypes('TransferSchedule', () => TransferSchedule);
export const ScheduleRunConnection = connectionTypes('ScheduleRun', () => ScheduleRun);
