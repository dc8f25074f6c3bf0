import { defineEntity, p } from '@mikro-orm/core';
import type { ProblemCodeName } from '@tessera/schema/contract';
import type { Cadence, ScheduleState } from './schedule.ts';

const scheduleSchema = defineEntity({
  name: 'TransferSchedule',
  tableName: 'transfer_schedules',
  properties: {
    id: p.string().primary(),
    ownerId: p.string(),
    fromWalletId: p.string(),
    /** Exactly one of the two; a user receives in the wallet that is theirs for the currency when the run comes. */
    toUserId: p.string().nullable(),
    toWalletId: p.string().nullable(),
    amountMinor: p.bigint(),
    currency: p.string(),
    note: p.string().nullable(),
    cadence: p.string().$type<Cadence>(),
    timeZone: p.string(),
    dayOfMonth: p.integer().nullable(),
    startsAt: p.datetime(3),
    endsAt: p.datetime(3).nullable(),
    maxRuns: p.integer().nullable(),
    state: p.string().$type<ScheduleState>(),
    /** Counts runs from 0, refused ones included. */
    nextRun: p.integer(),
    nextRunAt: p.datetime(3).nullable(),
    consecutiveRefusals: p.integer(),
    /** Who asked, and in which trace: every run carries it. */
    actor: p.string(),
    traceparent: p.string().nullable(),
    createdAt: p.datetime(3),
    endedAt: p.datetime(3).nullable(),
    endedBy: p.string().nullable(),
  },
});

/** How a schedule is stored. When it runs and how it ends is in `schedule.ts`. */
export class ScheduleEntity extends scheduleSchema.class {}
scheduleSchema.setClass(ScheduleEntity);

const scheduleRunSchema = defineEntity({
  name: 'TransferScheduleRun',
  tableName: 'transfer_schedule_runs',
  properties: {
    id: p.string().primary(),
    scheduleId: p.string(),
    /** Counts from 0. */
    run: p.integer(),
    dueAt: p.datetime(3),
    ranAt: p.datetime(3),
    /** Exactly one of the two. */
    transferId: p.string().nullable(),
    refusal: p.string().$type<ProblemCodeName>().nullable(),
  },
});

/** A run that was made, and what came of it. Never changed. */
export class ScheduleRunEntity extends scheduleRunSchema.class {}
scheduleRunSchema.setClass(ScheduleRunEntity);
