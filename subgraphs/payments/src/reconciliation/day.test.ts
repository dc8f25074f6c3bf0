import { describe, expect, it } from '@jest/globals';
import { datesDue, dayOf } from './day.ts';

describe('the days that are to be compared', () => {
  it.each([
    ['2026-11-22T00:09:59.999Z', ['2026-11-20']],
    ['2026-11-22T00:10:00.000Z', ['2026-11-21']],
    ['2026-11-22T23:59:59.999Z', ['2026-11-21']],
    ['2024-03-01T12:00:00.000Z', ['2024-02-29']],
  ])('the first time at %s are %j', (now, dates) => {
    expect(datesDue(null, new Date(now))).toEqual(dates);
  });

  it.each([
    ['2026-11-21', []],
    ['2026-11-20', ['2026-11-21']],
    ['2026-11-18', ['2026-11-19', '2026-11-20', '2026-11-21']],
    ['2026-01-01', ['2026-11-15', '2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21']],
    ['2027-01-01', []],
  ])('after %s are %j, a week at most', (last, dates) => {
    expect(datesDue(last, new Date('2026-11-22T09:00:00.000Z'))).toEqual(dates);
  });

  it('are whole days in UTC', () => {
    expect(dayOf('2026-11-21')).toEqual({ from: new Date('2026-11-21T00:00:00.000Z'), until: new Date('2026-11-22T00:00:00.000Z') });
  });
});
