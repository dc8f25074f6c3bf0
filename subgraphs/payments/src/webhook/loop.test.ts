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

  it('MUST close within its bound, though a round does not end, and tell the round to', async () => {
    const failures: object[] = [];
    let told = false;
    const end = Promise.withResolvers<boolean>();
    const loop = createLoop({
      name: 'test',
      intervalMs: NEVER_MS,
      log: { error: (facts) => void failures.push(facts) },
      closeWithinMs: 30,
      round: (signal) => {
        signal.addEventListener('abort', () => {
          told = true;
        });
        return end.promise;
      },
    });
    loop.start();
    const startedAt = performance.now();
    await loop.close();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(told).toBe(true);
    end.reject(new Error('the database is closed'));
    await turn();
    expect(failures).toEqual([]);
  });

  it('closes at once when a round ends because it is told to, or when it never began', async () => {
    const startedAt = performance.now();
    const loop = createLoop({
      name: 'test',
      intervalMs: NEVER_MS,
      log: quiet,
      round: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(true))),
    });
    loop.start();
    await loop.close();
    await createLoop({ name: 'test', intervalMs: NEVER_MS, log: quiet, round: async () => true }).close();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
