import { describe, expect, it } from '@jest/globals';
import { createDispatch } from './dispatch.ts';
import { FairQueue } from './fair-queue.ts';
import { type Held, NOTHING_STUCK, type Stuck } from './stuck.ts';
import type { Queued } from './submission.ts';

/** Lanes that end when they are told to; what they were given, by the names of the accounts. */
function aHall(lanes: number, batchSize = 10) {
  const queue = new FairQueue<Queued>(50_000, ({ weight }) => weight);
  let looks = 0;
  const running: {
    readonly items: readonly Queued[];
    readonly before: Stuck | null;
    readonly names: string[];
    end(held?: Held): Promise<void>;
  }[] = [];
  const lane = {
    settle: (items: readonly Queued[], before: Stuck | null) =>
      new Promise<Held>((resolve) => {
        const end = (held: Held = { items: [], stuck: NOTHING_STUCK }): Promise<void> => {
          resolve(held);
          return later();
        };
        running.push({ items, before, names: items.map(({ names }) => names.join('-')), end });
      }),
    giveUp: () => undefined,
  };
  const dispatch = createDispatch(
    queue,
    Array.from({ length: lanes }, () => ({ ...lane })),
    { batchSize, held: () => 0 },
  );
  const push = (names: string): Promise<void> => {
    const named = names.split('-');
    const item = {
      weight: 1,
      get names() {
        looks += 1;
        return named;
      },
    } as unknown as Queued; // all that is looked at
    queue.push(names, item);
    dispatch.soon(item);
    return later();
  };
  return { queue, running, push, dispatch, looks: () => looks };
}

const later = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

describe('the dispatch', () => {
  it('gives a free lane what touches no account that is under way, and the rest to whoever ends', async () => {
    const { running, push, queue } = aHall(2);
    await push('a-b');
    await push('b-c');
    await push('d-e');
    expect(running.map(({ names }) => names)).toEqual([['a-b'], ['d-e']]);
    expect(queue.size).toBe(1);
    await running[0]?.end();
    expect(running[2]?.names).toEqual(['b-c']);
  });

  it('takes together what arrives together, also where it touches the same accounts', async () => {
    const { running, push } = aHall(2);
    await Promise.all(['a-b', 'b-c', 'a-c'].map(push));
    expect(running.map(({ names }) => names)).toEqual([['a-b', 'b-c', 'a-c']]);
  });

  it('MUST let an item between two busy accounts go in the end, however much follows it', async () => {
    const { running, push } = aHall(2, 1);
    await push('a-x');
    await push('b-y');
    await push('a-b');
    for (let round = 0; round < 20; round += 1) {
      await push(`a-${round}`);
      await push(`b-${round}`);
    }
    for (let ended = 0; ended < 8; ended += 1) await running[ended]?.end();
    expect(running.slice(0, 8).map(({ names }) => names[0])).toContain('a-b');
  });

  it('MUST not search all who wait for a hot account whenever something arrives', async () => {
    const { running, push, looks } = aHall(2);
    await push('hot-0');
    await Promise.all(Array.from({ length: 3_000 }, (_, at) => push(`hot-${at + 1}`)));
    const before = looks();
    for (let arrived = 0; arrived < 5; arrived += 1) await push(`a${arrived}-b${arrived}`);
    expect(looks() - before).toBeLessThan(5 * 1_100);
    expect(running).toHaveLength(1);
    for (let at = 0; at < 400; at += 1) await running[at]?.end();
    expect(running.flatMap(({ names }) => names)).toHaveLength(3_006);
  });

  it('MUST keep accounts free only for who was passed over when batches ended, not when others arrived', async () => {
    const { running, push } = aHall(5);
    for (const names of ['a-x', 'a-b', 'c', 'd', 'b-e']) await push(names);
    expect(running.map(({ names }) => names[0])).toEqual(['a-x', 'c', 'd', 'b-e']);
    await running[1]?.end();
    await running[2]?.end();
    await push('b-f');
    await running[3]?.end();
    expect(running.map(({ names }) => names[0])).not.toContain('b-f');
  });

  it('puts aside who names what is stuck, frees the lane and their other accounts, and asks again with what was stuck', async () => {
    const { running, push, queue, dispatch } = aHall(1);
    await Promise.all(['a-hot', 'b-hot'].map(push));
    const [stuck] = running[0]?.items ?? [];
    await running[0]?.end({ items: stuck ? [stuck] : [], stuck: new Map([['a', '7']]) });
    await push('c-hot');
    expect(running[1]?.names).toEqual(['c-hot']);
    await running[1]?.end();
    await push('a-d');
    expect([running.length, queue.size, dispatch.aside()]).toEqual([2, 0, 2]);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(running[2]).toMatchObject({ names: ['a-hot', 'a-d'], before: new Map([['a', '7']]) });
    await running[2]?.end();
    expect(dispatch.aside()).toBe(0);
    await push('a-e');
    expect(running[3]?.names).toEqual(['a-e']);
  });

  it('is idle once everything has ended', async () => {
    const { running, push, dispatch } = aHall(1);
    await push('a');
    let isIdle = false;
    const idle = dispatch.idle().then(() => {
      isIdle = true;
    });
    await later();
    expect(isIdle).toBe(false);
    await running[0]?.end();
    await idle;
  });
});
