import { describe, expect, it } from '@jest/globals';
import { FairQueue } from './fair-queue.ts';

function filled(queue: FairQueue<string>, caller: string, count: number): void {
  for (let at = 1; at <= count; at += 1) queue.push(caller, `${caller}${at}`);
}

describe('the fair queue', () => {
  it('keeps the order of one caller', () => {
    const queue = new FairQueue<string>(10);
    filled(queue, 'a', 5);
    expect([queue.take(2), queue.take(9), queue.size]).toEqual([['a1', 'a2'], ['a3', 'a4', 'a5'], 0]);
  });

  it('MUST serve a single item within the next batch, however much another caller has queued before', () => {
    const queue = new FairQueue<string>(5_000);
    filled(queue, 'bulk', 3_000);
    queue.take(1_000);
    queue.push('single', 'single1');
    expect(queue.take(100)).toContain('single1');
  });

  it('serves those first the next time whom the bound has left out', () => {
    const queue = new FairQueue<string>(10);
    for (const caller of ['a', 'b', 'c']) filled(queue, caller, 2);
    expect([queue.take(2), queue.take(2), queue.take(2)]).toEqual([
      ['a1', 'b1'],
      ['c1', 'a2'],
      ['b2', 'c2'],
    ]);
  });

  it('passes over who may not go, keeps the place and the order of each, and tells in how many rounds that was', () => {
    const queue = new FairQueue<string>(10);
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
    const queue = new FairQueue<string>(10);
    for (const caller of ['a', 'b', 'c']) filled(queue, caller, 2);
    const asked: string[] = [];
    const mayGo = (item: string) => asked.push(item) > 1;
    expect([queue.take(9, { mayGo, maxAsked: 4, round: 0 }), asked]).toEqual([
      ['b1', 'c1', 'b2'],
      ['a1', 'b1', 'c1', 'b2'],
    ]);
  });

  it('says when it is full', () => {
    const queue = new FairQueue<string>(3);
    filled(queue, 'a', 2);
    expect([queue.hasRoomFor(1), queue.hasRoomFor(2)]).toEqual([true, false]);
  });
});
