/** Instants as people read them off a clock on the wall, and back. Wall time is held as the milliseconds that UTC would show the same at. */

const MS_PER_SECOND = 1_000;
const MS_PER_DAY = 86_400_000;
const NAME = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

/** The IANA name in its usual spelling, or null for a text that names no time zone. */
export function timeZoneOf(text: string): string | null {
  if (!NAME.test(text)) return null;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return null; // a RangeError: unknown
  }
}

export function wallClockOf(instant: Date, timeZone: string): number {
  return instant.getTime() + offsetMs(instant.getTime(), timeZone);
}

/**
 * The instant at which the wall shows this time: the first of two where clocks were set back, and as much later as they were set forward
 * where the time was skipped (RFC 5545, 3.3.5).
 */
export function instantOf(wallMs: number, timeZone: string): Date {
  const before = offsetMs(wallMs - MS_PER_DAY, timeZone);
  const after = offsetMs(wallMs + MS_PER_DAY, timeZone);
  const first = wallMs - before;
  if (before === after || offsetMs(first, timeZone) === before) return new Date(first);
  const second = wallMs - after;
  return new Date(offsetMs(second, timeZone) === after ? second : first);
}

/** How far the wall is ahead of UTC. */
function offsetMs(instantMs: number, timeZone: string): number {
  const seconds = Math.floor(instantMs / MS_PER_SECOND) * MS_PER_SECOND;
  const shown = new Map(
    formatterOf(timeZone)
      .formatToParts(seconds)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => shown.get(name) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - seconds;
}

/** By canonical name, of which there are some six hundred. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const numeric = 'numeric' as const;
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
  const made = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', hourCycle: 'h23', ...fields });
  formatters.set(timeZone, made);
  return made;
}
