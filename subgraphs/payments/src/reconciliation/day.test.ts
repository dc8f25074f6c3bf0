import { describe, expect, it } from '@jest/globals';
import { datesDue, dayOf } from './day.ts';

describe('the days that are to be compared', () => {
  it.each([
    ['2026-11-22T00:09:59.999Z', ['2026-11-20']],
    ['2026-11-22T00:10:00.000Z', ['2026-11-21']],
    ['2026-11-22T23:59:59.999Z', ['2026-11-21']],
    ['2024-03-01T12:00:00.000Z', ['2024-02-29']],
  ])('the first time at %s are %j', (now, dates) => {
    expect(datesDue({ first: null, checked: new Set() }, new Date(now))).toEqual(dates);
  });

  const WEEK = ['2026-11-15', '2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21'];

  it.each<[string, string[], string[]]>([
    ['2026-11-21', [], ['2026-11-21']],
    ['2026-11-21', ['2026-11-21'], []],
    ['2026-11-19', ['2026-11-19', '2026-11-20'], ['2026-11-21']],
    ['2026-11-18', ['2026-11-18'], ['2026-11-19', '2026-11-20', '2026-11-21']],
    ['2026-01-01', ['2026-01-01'], WEEK],
    ['2027-01-01', ['2027-01-01'], []],
  ])('begun on %s and compared %j are %j, a week at most', (first, checked, dates) => {
    expect(datesDue({ first, checked: new Set(checked) }, new Date('2026-11-22T09:00:00.000Z'))).toEqual(dates);
  });

  it('MUST be those without a result, also where a later day has one', () => {
    const checked = new Set(WEEK.filter((date) => date !== '2026-11-16' && date !== '2026-11-20'));
    expect(datesDue({ first: '2026-11-01', checked }, new Date('2026-11-22T09:00:00.000Z'))).toEqual(['2026-11-16', '2026-11-20']);
  });

  it('are whole days in UTC', () => {
    expect(dayOf('2026-11-21')).toEqual({ from: new Date('2026-11-21T00:00:00.000Z'), until: new Date('2026-11-22T00:00:00.000Z') });
  });
});
