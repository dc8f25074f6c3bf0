import { describe, expect, it } from '@jest/globals';
import { FairQueue } from './fair-queue.ts';

/** Items that end in `*100` weigh so much, the others 1. */
function aQueue(limit: number): FairQueue<string> {
  return new FairQueue<string>(limit, (item) => Number(item.split('*')[1] ?? 1));
}

function filled(queue: FairQueue<string>, caller: string, count: number): void {
  for (let at = 1; at <= count; at += 1) queue.push(caller, `${caller}${at}`);
}

describe('the fair queue', () => {
  it('keeps the order of one caller', () => {
    const queue = aQueue(10);
    filled(queue, 'a', 5);
    expect([queue.take(2), queue.take(9), queue.size]).toEqual([['a1', 'a2'], ['a3', 'a4', 'a5'], 0]);
  });

  it('MUST serve a single item within the next batch, however much another caller has queued before', () => {
    const queue = aQueue(5_000);
    filled(queue, 'bulk', 3_000);
    queue.take(1_000);
    queue.push('single', 'single1');
    expect(queue.take(100)).toContain('single1');
  });

  it('serves those first the next time whom the bound has left out', () => {
    const queue = aQueue(10);
    for (const caller of ['a', 'b', 'c']) filled(queue, caller, 2);
    expect([queue.take(2), queue.take(2), queue.take(2)]).toEqual([
      ['a1', 'b1'],
      ['c1', 'a2'],
      ['b2', 'c2'],
    ]);
  });

  it('passes over who may not go, keeps the place and the order of each, and tells in how many rounds that was', () => {
    const queue = aQueue(10);
    for (const caller of ['a', 'b']) filled(queue, caller, 2);
    const notA = (round: number) => ({ mayGo: (item: string) => !item.startsWith('a'), maxAsked: 9, round });
    expect([queue.take(9, notA(0)), queue.take(9, notA(1)), queue.take(9, notA(1)), queue.size]).toEqual([['b1', 'b2'], [], [], 2]);
    const asked: unknown[] = [];
    const all = queue.take(9, { mayGo: (item, passedOver) => asked.push([item, passedOver]) > 0, maxAsked: 9, round: 2 });
    expect([all, asked]).toEqual([
      ['a1', 'a2'],
      [
        ['a1', 2],
        ['a2', 0],
      ],
    ]);
  });

  it('asks no more than it may', () => {
    const queue = aQueue(10);
    for (const caller of ['a', 'b', 'c']) filled(queue, caller, 2);
    const asked: string[] = [];
    const mayGo = (item: string) => asked.push(item) > 1;
    expect([queue.take(9, { mayGo, maxAsked: 4, round: 0 }), asked]).toEqual([
      ['b1', 'c1', 'b2'],
      ['a1', 'b1', 'c1', 'b2'],
    ]);
  });

  it('says when it is full, by weight', () => {
    const queue = aQueue(3);
    queue.push('a', 'a*2');
    expect([queue.size, queue.hasRoomFor(1), queue.hasRoomFor(2)]).toEqual([2, true, false]);
    queue.take(9);
    expect(queue.size).toBe(0);
  });

  it('takes so much weight at a time, or one that is heavier', () => {
    const queue = aQueue(5_000);
    for (const item of ['a*60', 'b*30', 'c*20', 'd*200']) queue.push(item, item);
    expect([queue.take(100), queue.take(100), queue.take(100)]).toEqual([['a*60', 'b*30'], ['c*20'], ['d*200']]);
  });

  it('MUST serve a light item within the next batch, however many callers wait with heavy ones', () => {
    const queue = aQueue(50_000);
    for (let at = 0; at < 20; at += 1) queue.push(`bulk${at}`, `bulk${at}*1000`);
    queue.take(2_000);
    queue.push('single', 'single');
    expect(queue.take(2_000)[0]).toBe('single');
  });

  it('MUST serve a heavy item after its weight of light ones, however many of those there are', () => {
    const queue = aQueue(50_000);
    filled(queue, 'light', 1_000);
    queue.push('heavy', 'heavy*100');
    let before = 0;
    for (let taken = queue.take(20); !taken.includes('heavy*100'); taken = queue.take(20)) before += taken.length;
    expect(before).toBeLessThanOrEqual(2 * 100);
    expect(before).toBeGreaterThan(100);
  });

  it('fills batches also where every item weighs two and there are few callers', () => {
    const queue = aQueue(50_000);
    for (let at = 0; at < 100; at += 1) for (const caller of ['a', 'b']) queue.push(caller, `${caller}*2`);
    expect(queue.take(200)).toHaveLength(100);
  });
});
