import { describe, expect, it } from '@jest/globals';
import { afterRun, dueAt, MAX_CONSECUTIVE_REFUSALS, type Plan } from './schedule.ts';
import { timeZoneOf } from './wall-clock.ts';

const plan = (more: Partial<Plan>): Plan => ({
  cadence: 'DAILY',
  timeZone: 'UTC',
  startsAt: new Date('2026-01-31T09:00:00.000Z'),
  ...more,
});
const dates = (of: Plan, count: number): (string | undefined)[] =>
  Array.from({ length: count }, (_, run) => dueAt(of, run)?.toISOString().replace('.000Z', ''));

describe('when runs are due', () => {
  it('once is once', () => {
    expect(dates(plan({ cadence: 'ONCE' }), 2)).toEqual(['2026-01-31T09:00:00', undefined]);
  });

  it('keeps milliseconds of the first run', () => {
    expect(dueAt(plan({ startsAt: new Date('2026-01-31T09:00:00.123Z') }), 1)?.toISOString()).toBe('2026-02-01T09:00:00.123Z');
  });

  it('daily and weekly go by days of the calendar', () => {
    expect(dates(plan({}), 3)).toEqual(['2026-01-31T09:00:00', '2026-02-01T09:00:00', '2026-02-02T09:00:00']);
    expect(dates(plan({ cadence: 'WEEKLY' }), 3)).toEqual(['2026-01-31T09:00:00', '2026-02-07T09:00:00', '2026-02-14T09:00:00']);
  });

  it('monthly on the 31st takes the last day of shorter months, and the 31st again after them', () => {
    expect(dates(plan({ cadence: 'MONTHLY', dayOfMonth: 31 }), 5)).toEqual([
      ...['2026-01-31T09:00:00', '2026-02-28T09:00:00', '2026-03-31T09:00:00', '2026-04-30T09:00:00', '2026-05-31T09:00:00'],
    ]);
    const leap = plan({ cadence: 'MONTHLY', dayOfMonth: 30, startsAt: new Date('2028-01-30T09:00:00Z') });
    expect(dates(leap, 3)).toEqual(['2028-01-30T09:00:00', '2028-02-29T09:00:00', '2028-03-30T09:00:00']);
  });

  it('monthly on a day that the first month has passed begins in the next, across the year', () => {
    const late = plan({ cadence: 'MONTHLY', dayOfMonth: 5, startsAt: new Date('2026-12-06T09:00:00Z') });
    expect(dates(late, 2)).toEqual(['2027-01-05T09:00:00', '2027-02-05T09:00:00']);
    expect(dates(plan({ cadence: 'MONTHLY', dayOfMonth: 15, startsAt: new Date('2026-12-06T09:00:00Z') }), 1)).toEqual([
      '2026-12-15T09:00:00',
    ]);
  });

  it('is at the same time of day by the clocks of its zone when they are set forward and back', () => {
    const zone = { timeZone: 'Europe/Berlin' };
    const spring = plan({ ...zone, startsAt: new Date('2026-03-28T08:00:00Z') });
    expect(dates(spring, 2)).toEqual(['2026-03-28T08:00:00', '2026-03-29T07:00:00']);
    const autumn = plan({ ...zone, startsAt: new Date('2026-10-24T07:00:00Z') });
    expect(dates(autumn, 2)).toEqual(['2026-10-24T07:00:00', '2026-10-25T08:00:00']);
  });

  it('is as much later where its time is skipped, and the first of two where it comes twice', () => {
    const zone = { timeZone: 'Europe/Berlin' };
    const skipped = plan({ ...zone, startsAt: new Date('2026-03-28T01:30:00Z') }); // 02:30 by the wall
    expect(dates(skipped, 3)).toEqual(['2026-03-28T01:30:00', '2026-03-29T01:30:00', '2026-03-30T00:30:00']);
    const twice = plan({ ...zone, startsAt: new Date('2026-10-24T00:30:00Z') }); // 02:30 by the wall
    expect(dates(twice, 3)).toEqual(['2026-10-24T00:30:00', '2026-10-25T00:30:00', '2026-10-26T01:30:00']);
    const second = plan({ ...zone, startsAt: new Date('2026-10-25T01:30:00Z') });
    expect(dates(second, 1)).toEqual(['2026-10-25T01:30:00']); // the instant that was asked for
  });

  it('takes the day of the month from the calendar of its zone', () => {
    const asked = { cadence: 'MONTHLY', dayOfMonth: 1, startsAt: new Date('2026-01-31T12:00:00Z') } as const;
    expect(dates(plan({ ...asked, timeZone: 'Pacific/Kiritimati' }), 2)).toEqual(['2026-01-31T12:00:00', '2026-02-28T12:00:00']);
    expect(dates(plan({ ...asked, timeZone: 'America/Los_Angeles' }), 1)).toEqual(['2026-02-01T12:00:00']);
  });

  it('ends with its count, or at its end', () => {
    expect(dates(plan({ maxRuns: 2 }), 3)[2]).toBeUndefined();
    const ending = plan({ endsAt: new Date('2026-02-01T09:00:00Z') });
    expect(dates(ending, 3)).toEqual(['2026-01-31T09:00:00', '2026-02-01T09:00:00', undefined]);
    expect(dueAt(plan({ endsAt: new Date('2026-01-31T08:59:59Z') }), 0)).toBeNull();
  });
});

describe('what a run leaves behind', () => {
  const standing = (nextRun: number, consecutiveRefusals = 0) => ({ nextRun, consecutiveRefusals });
  const first = new Date('2026-01-31T09:00:01Z');

  it('names the next run', () => {
    expect(afterRun(plan({}), standing(0, 2), 'POSTED', first)).toEqual({
      state: 'ACTIVE',
      nextRun: 1,
      nextRunAt: new Date('2026-02-01T09:00:00Z'),
      consecutiveRefusals: 0,
    });
  });

  it('completes with the last one, whatever came of it', () => {
    expect(afterRun(plan({ maxRuns: 1 }), standing(0), 'REFUSED', first)).toMatchObject({ state: 'COMPLETED', nextRunAt: null });
  });

  it('stops after refusals in a row, and at once where it would be refused for ever', () => {
    const last = MAX_CONSECUTIVE_REFUSALS - 1;
    expect(afterRun(plan({}), standing(0, last - 1), 'REFUSED', first)).toMatchObject({ state: 'ACTIVE', consecutiveRefusals: last });
    expect(afterRun(plan({}), standing(0, last), 'REFUSED', first)).toMatchObject({ state: 'STOPPED', nextRunAt: null });
    expect(afterRun(plan({}), standing(0), 'REFUSED_FOR_GOOD', first)).toMatchObject({ state: 'STOPPED' });
  });

  it('counts refused runs that are caught up at once as one', () => {
    const muchLater = new Date('2026-02-10T12:00:00Z');
    expect(afterRun(plan({}), standing(3, 2), 'REFUSED', muchLater)).toMatchObject({ state: 'ACTIVE', consecutiveRefusals: 2 });
    expect(afterRun(plan({}), standing(10, 2), 'REFUSED', muchLater)).toMatchObject({ state: 'STOPPED' });
  });
});

describe('timeZoneOf', () => {
  it('takes IANA names only', () => {
    expect(['europe/berlin', 'UTC', 'America/Argentina/Ushuaia'].map(timeZoneOf)).toEqual([
      ...['Europe/Berlin', 'UTC', 'America/Argentina/Ushuaia'],
    ]);
    expect(['', '+02:00', 'Mars/Olympus', 'x'.repeat(100_000), 'Europe/Berlin ', '\u202EUTC'].map(timeZoneOf)).toEqual(
      Array.from({ length: 6 }, () => null),
    );
  });
});
