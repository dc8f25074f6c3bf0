import { ensure, unreachable } from '@tessera/service-kit/errors';
import { instantOf, wallClockOf } from './wall-clock.ts';

/** Rules of scheduled transfers: when a run is due, and what a run makes of its schedule. Plain data in, decision out. */

export const CADENCES = ['ONCE', 'DAILY', 'WEEKLY', 'MONTHLY'] as const;
export type Cadence = (typeof CADENCES)[number];

export const SCHEDULE_STATES = ['ACTIVE', 'COMPLETED', 'CANCELLED', 'STOPPED'] as const;
export type ScheduleState = (typeof SCHEDULE_STATES)[number];

export const MAX_ACTIVE_SCHEDULES = 50;
export const MAX_RUNS = 1_000;
/** How long before its first run a transfer may be scheduled. */
export const MAX_AHEAD_MS = 5 * 366 * 86_400_000;
/** After so many refused runs in a row a schedule ends. */
export const MAX_CONSECUTIVE_REFUSALS = 3;

const MS_PER_DAY = 86_400_000;
const DAYS_PER_WEEK = 7;

/** When runs are due. Wall times are those of `timeZone`. */
export interface Plan {
  readonly cadence: Cadence;
  readonly timeZone: string;
  /** Gives the time of day of every run; no run is before it. */
  readonly startsAt: Date;
  /** Only of a monthly plan: 1 to 31; a shorter month has its run on its last day. */
  readonly dayOfMonth?: number | null | undefined;
  /** No run is after it. */
  readonly endsAt?: Date | null | undefined;
  readonly maxRuns?: number | null | undefined;
}

/** When the nth run is due, counted from 0; null beyond the last one. */
export function dueAt(plan: Plan, run: number): Date | null {
  if (run >= (plan.maxRuns ?? Number.POSITIVE_INFINITY)) return null;
  const due = occurrence(plan, run);
  return due && due <= (plan.endsAt ?? due) ? due : null;
}

function occurrence({ cadence, startsAt, timeZone, dayOfMonth }: Plan, run: number): Date | null {
  const start = wallClockOf(startsAt, timeZone);
  switch (cadence) {
    case 'ONCE':
      return run === 0 ? startsAt : null;
    case 'DAILY':
      return run === 0 ? startsAt : instantOf(start + run * MS_PER_DAY, timeZone);
    case 'WEEKLY':
      return run === 0 ? startsAt : instantOf(start + run * DAYS_PER_WEEK * MS_PER_DAY, timeZone);
    case 'MONTHLY':
      return monthly(startsAt, start, run, timeZone, ensure(dayOfMonth, 'the day of a monthly plan'));
    default:
      return unreachable(cadence);
  }
}

function monthly(startsAt: Date, start: number, run: number, timeZone: string, dayOfMonth: number): Date {
  const isLater = inMonth(start, 0, dayOfMonth) < start;
  const wall = inMonth(start, run + (isLater ? 1 : 0), dayOfMonth);
  return wall === start ? startsAt : instantOf(wall, timeZone);
}

/** The time of day of `wall`, so many months later, on that day or the last before it. */
function inMonth(wall: number, months: number, dayOfMonth: number): number {
  const from = new Date(wall);
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(dayOfMonth, lastDay)) + (wall - Math.floor(wall / MS_PER_DAY) * MS_PER_DAY);
}

/** REFUSED_FOR_GOOD: whatever comes later, it will be refused for the same reason, such as a wallet that was closed. */
export type RunResult = 'POSTED' | 'REFUSED' | 'REFUSED_FOR_GOOD';

export interface Standing {
  readonly nextRun: number;
  readonly consecutiveRefusals: number;
}

export interface NextStanding extends Standing {
  readonly state: Exclude<ScheduleState, 'CANCELLED'>;
  readonly nextRunAt: Date | null;
}

/**
 * What a run leaves behind. A refusal counts only when no later run is due yet: runs that are caught up at once after an outage meet the
 * same empty wallet, and are one failure and not many.
 */
export function afterRun(plan: Plan, { nextRun, consecutiveRefusals }: Standing, result: RunResult, now: Date): NextStanding {
  const due = dueAt(plan, nextRun + 1);
  const counts = result !== 'POSTED' && (due === null || due > now);
  const refusals = result === 'POSTED' ? 0 : consecutiveRefusals + (counts ? 1 : 0);
  const standing = { nextRun: nextRun + 1, consecutiveRefusals: refusals };
  if (due === null) return { ...standing, state: 'COMPLETED', nextRunAt: null };
  const isStopped = result === 'REFUSED_FOR_GOOD' || refusals >= MAX_CONSECUTIVE_REFUSALS;
  return isStopped ? { ...standing, state: 'STOPPED', nextRunAt: null } : { ...standing, state: 'ACTIVE', nextRunAt: due };
}
