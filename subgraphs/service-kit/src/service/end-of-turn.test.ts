import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { atEndOfTurn } from './end-of-turn.ts';

describe('writes', () => {
  test('leave together, in order, when the turn is over', async () => {
    const written: string[] = [];
    atEndOfTurn(() => written.push('first'));
    await Promise.resolve().then(() => atEndOfTurn(() => written.push('second')));
    expect(written).toEqual([]);
    await turn();
    expect(written).toEqual(['first', 'second']);
  });

  test('do not wait for more than a bounded number of others', async () => {
    const written: number[] = [];
    for (let index = 0; index < 300; index += 1) atEndOfTurn(() => written.push(index));
    expect(written).toHaveLength(256);
    await turn();
    expect(written).toEqual(Array.from({ length: 300 }, (_, index) => index));
  });

  test('may ask for others, which leave with the next turn', async () => {
    const written: string[] = [];
    atEndOfTurn(() => atEndOfTurn(() => written.push('later')));
    await turn();
    expect(written).toEqual([]);
    await turn();
    expect(written).toEqual(['later']);
  });
});
