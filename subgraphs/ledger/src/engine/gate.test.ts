import { describe, expect, it } from '@jest/globals';
import { Gate } from './gate.ts';

const later = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the gate', () => {
  it('lets what touches the same account in one after the other, and the rest at once', async () => {
    const gate = new Gate();
    const seen: string[] = [];
    const work = (name: string, names: readonly string[]) =>
      gate.pass(new Set(names), async () => {
        seen.push(`${name} in`);
        await later();
        seen.push(`${name} out`);
      });
    await Promise.all([work('first', ['a', 'b']), work('second', ['b', 'c']), work('apart', ['d'])]);
    expect(seen.indexOf('second in')).toBeGreaterThan(seen.indexOf('first out'));
    expect(seen.indexOf('apart in')).toBeLessThan(seen.indexOf('first out'));
  });

  it('is left also by what failed', async () => {
    const gate = new Gate();
    await expect(gate.pass(new Set(['a']), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(gate.pass(new Set(['a']), async () => 'in')).resolves.toBe('in');
  });
});
