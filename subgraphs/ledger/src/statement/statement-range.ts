import { TesseraError } from '@tessera/service-kit/errors';

/** The longest statement: a leap year. */
export const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

/** Calendar days in UTC, the last one included. */
export interface StatementRange {
  /** YYYY-MM-DD. */
  readonly from: string;
  readonly to: string;
  readonly startsAt: Date;
  /** The instant at which the day after the last one begins. */
  readonly endsBefore: Date;
}

/** @throws TesseraError BAD_USER_INPUT, with the argument as its path, for days that make no statement */
export function statementRange(from: string, to: string, now: Date): StatementRange {
  const range = rangeOf(from, to);
  const days = (range.endsBefore.getTime() - range.startsAt.getTime()) / DAY_MS;
  if (days < 1) throw refused('to', 'A statement ends on the day on which it begins, or later: to lies before from.');
  if (days > MAX_DAYS) throw refused('to', `A statement covers at most ${MAX_DAYS} days; ${days} were asked for.`);
  if (range.endsBefore.getTime() - DAY_MS > now.getTime())
    throw refused('to', 'A statement cannot cover days that have not begun: to is later than today, in UTC.');
  return range;
}

/** Of days that were checked before. */
export function rangeOf(from: string, to: string): StatementRange {
  return { from, to, startsAt: startOf(from), endsBefore: new Date(startOf(to).getTime() + DAY_MS) };
}

function startOf(day: string): Date {
  return new Date(`${day}T00:00:00.000Z`);
}

function refused(argument: string, message: string): TesseraError {
  return new TesseraError('BAD_USER_INPUT', message, { path: [argument] });
}
