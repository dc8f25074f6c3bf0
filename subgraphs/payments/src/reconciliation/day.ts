/** Days in UTC, and which of them are to be compared. Pure. */
import type { Interval } from './books.ts';

const DAY_MS = 86_400_000;
/** How long after midnight a day is compared: what happened at its end is everywhere by then. */
const SETTLED_AFTER_MS = 600_000;
/** How far back days are made up for that nobody compared, because nothing ran. */
export const MAX_CATCH_UP = 7;

/** The day, for a date as YYYY-MM-DD. */
export function dayOf(date: string): Interval {
  const from = new Date(`${date}T00:00:00.000Z`);
  return { from, until: new Date(from.getTime() + DAY_MS) };
}

/** The day with its neighbours. */
export function windowOf({ from, until }: Interval): Interval {
  return { from: new Date(from.getTime() - DAY_MS), until: new Date(until.getTime() + DAY_MS) };
}

export function dateOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

export interface KnownDays {
  /** The first that was ever begun; null before that: then only yesterday is due. */
  readonly first: string | null;
  /** Those that are compared already. */
  readonly checked: ReadonlySet<string>;
}

/** The days that are over and have no result, oldest first, also where later ones have theirs. */
export function datesDue({ first, checked }: KnownDays, now: Date): string[] {
  const newest = dayOf(dateOf(new Date(now.getTime() - DAY_MS - SETTLED_AFTER_MS))).from.getTime();
  const earliest = newest - (MAX_CATCH_UP - 1) * DAY_MS;
  const oldest = first === null ? newest : Math.max(dayOf(first).from.getTime(), earliest);
  const dates: string[] = [];
  for (let day = oldest; day <= newest; day += DAY_MS) dates.push(dateOf(new Date(day)));
  return dates.filter((date) => !checked.has(date));
}
