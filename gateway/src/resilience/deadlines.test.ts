import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type Deadline, deadlines } from './deadlines.ts';
import { within } from './within.ts';

describe('time bounds', () => {
  it('are reached by those alone that are still waited for, and once', async () => {
    const expired: number[] = [];
    const all = Array.from({ length: 20 }, (_, index): Deadline => {
      const until = performance.now() + (index % 2 === 0 ? 10 : 60_000);
      return { until, place: -1, expire: () => void expired.push(index) };
    });
    for (const each of all) deadlines.add(each);
    for (const index of [0, 19, 4, 7, 4]) deadlines.delete(all[index] as Deadline); // there are twenty
    while (expired.length < 8) await sleep(10);
    await sleep(120);
    expect(expired.toSorted((a, b) => a - b)).toEqual([2, 6, 8, 10, 12, 14, 16, 18]);
    for (const each of all) deadlines.delete(each);
    expect(all.every(({ place }) => place === -1)).toBe(true);
  });

  it('let what came in time through, and what failed', async () => {
    expect(await within(60_000, 'orders', Promise.resolve(1))).toBe(1);
    await expect(within(60_000, 'orders', Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    await expect(within(1, 'orders', new Promise(() => undefined))).rejects.toThrow('orders did not answer within 1 ms');
  });
});
