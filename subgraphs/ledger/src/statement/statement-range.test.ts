import { describe, expect, it } from '@jest/globals';
import { statementRange } from './statement-range.ts';

const NOW = new Date('2026-03-10T00:00:00.000Z');

describe('the days of a statement', () => {
  it('are UTC days, the last one included', () => {
    expect(statementRange('2026-03-01', '2026-03-10', NOW)).toEqual({
      from: '2026-03-01',
      to: '2026-03-10',
      startsAt: new Date('2026-03-01T00:00:00.000Z'),
      endsBefore: new Date('2026-03-11T00:00:00.000Z'),
    });
  });

  it.each([
    ['2026-03-10', '2026-03-10'],
    ['2024-01-01', '2024-12-31'],
    ['2025-03-10', '2026-03-10'],
  ])('may be %s to %s', (from, to) => {
    expect(statementRange(from, to, NOW)).toMatchObject({ from, to });
  });

  it.each([
    ['end before they begin', '2026-03-02', '2026-03-01', /before from/],
    ['are more than 366', '2025-03-09', '2026-03-10', /at most 366 days; 367/],
    ['have not begun', '2026-03-01', '2026-03-11', /later than today/],
  ])('are refused where they %s', (_what, from, to, message) => {
    expect(() => statementRange(from, to, NOW)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', data: { path: ['to'] } }));
    expect(() => statementRange(from, to, NOW)).toThrow(message);
  });
});
