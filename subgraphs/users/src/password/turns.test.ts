import { describe, expect, it } from '@jest/globals';
import { createTurns } from './turns.ts';

describe('turns', () => {
  it('runs no more at once than allowed, and everything that waited', async () => {
    const turns = createTurns(2, 10);
    let running = 0;
    let most = 0;
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        turns.take(async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setTimeout(resolve, 2));
          running -= 1;
          return index;
        }),
      ),
    );
    expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(2);
  });

  it('refuses at once when the queue is full, and takes work again later', async () => {
    const turns = createTurns(1, 1);
    const slow = () => new Promise<string>((resolve) => setTimeout(() => resolve('done'), 5));
    expect(await Promise.all([turns.take(slow), turns.take(slow), turns.take(slow)])).toEqual(['done', 'done', 'busy']);
    expect(await turns.take(slow)).toBe('done');
  });

  it('goes on after work that failed', async () => {
    const turns = createTurns(1, 1);
    await expect(turns.take(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await turns.take(async () => 'next')).toBe('next');
  });
});
