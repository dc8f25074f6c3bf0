import { describe, expect, it } from '@jest/globals';
import { createLoop } from './loop.ts';

const NEVER_MS = 60_000;
const quiet = { error: () => {} };

describe('a loop', () => {
  it('works at once when it is woken, also when that happens during a round', async () => {
    const rounds: (() => void)[] = [];
    const loop = createLoop({
      name: 'test',
      intervalMs: NEVER_MS,
      log: quiet,
      round: () => new Promise((resolve) => rounds.push(() => resolve(false))),
    });
    loop.start();
    loop.wake();
    rounds[0]?.();
    await turn();
    expect(rounds).toHaveLength(2);
    rounds[1]?.();
    await turn();
    expect(rounds).toHaveLength(2);
    loop.wake();
    await turn();
    expect(rounds).toHaveLength(3);
    rounds[2]?.();
    await loop.close();
  });

  it('goes on without a pause while there is more, and after a round that fails', async () => {
    const failures: object[] = [];
    let rounds = 0;
    const loop = createLoop({
      name: 'test',
      intervalMs: 1,
      log: { error: (facts) => void failures.push(facts) },
      round: async () => {
        rounds += 1;
        if (rounds === 3) throw new Error('down');
        return rounds < 3;
      },
    });
    loop.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await loop.close();
    expect(rounds).toBeGreaterThan(3);
    expect(failures).toEqual([{ err: new Error('down'), loop: 'test' }]);
    const last = rounds;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(rounds).toBe(last);
  });
});

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
