import { describe, expect, it } from '@jest/globals';
import { nextLook } from './webhook.ts';

const SINCE = new Date('2026-11-21T09:00:00.000Z');
const after = (ms: number) => new Date(SINCE.getTime() + ms);

describe('waiting for what is not known yet', () => {
  it.each([
    [0, 1_000],
    [400, 1_000],
    [1_000, 1_000],
    [4_000, 4_000],
    [300_000, 300_000],
    [3_600_000, 600_000],
    [86_399_999, 600_000],
  ])('after %d ms waits another %d ms', (waitedMs, waitMs) => {
    expect(nextLook(SINCE, after(waitedMs))).toEqual(after(waitedMs + waitMs));
  });

  it('gives up after a day', () => {
    expect(nextLook(SINCE, after(86_400_000))).toBeNull();
  });

  it('looks about 160 times at most', () => {
    let looks = 0;
    for (let now: Date | null = SINCE; now; now = nextLook(SINCE, now)) looks += 1;
    expect(looks).toBeGreaterThan(100);
    expect(looks).toBeLessThan(170);
  });

  it('is not put off by a clock that goes back', () => {
    expect(nextLook(SINCE, after(-5_000))).toEqual(after(-4_000));
  });
});
