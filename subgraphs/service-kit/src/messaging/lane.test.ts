import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Envelope } from '@tessera/schema/contract';
import type { StreamEntry } from './entry.ts';
import { HIGH_MARK, Lane, type LaneWork } from './lane.ts';

const STREAM = 'order-events';
let stop: AbortController;
let running: Promise<void>;
beforeEach(() => {
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await running;
});

function entry(position: number, type = 'StockLow'): StreamEntry {
  return { ...nothing(position), event: { id: `evt_${position}`, type, stream: STREAM, position } as Envelope };
}

function nothing(position: number, isMarked = true): StreamEntry {
  return { position, event: null, pack: null, isMarked, raw: isMarked ? 'garbage' : 'forged' };
}

function pack(first: number, last: number, type = 'StockLow'): StreamEntry {
  const unpack = jest.fn(() => Array.from({ length: last - first + 1 }, (_, at) => entry(first + at, type)));
  return { ...nothing(last), pack: { type, first, unpack } };
}

function open(startPosition: number) {
  const done: number[] = [];
  const work = {
    handles: (type: string) => type !== 'OrderPlaced',
    concerns: ({ type }: Envelope) => type !== 'OrderPaid',
    deliver: jest.fn<LaneWork['deliver']>(async ({ position }) => void done.push(position)),
    pass: jest.fn<LaneWork['pass']>(async (events) => void done.push(...events.map(({ position }) => position))),
    move: jest.fn<LaneWork['move']>(async () => undefined),
    ask: jest.fn<LaneWork['ask']>(async () => undefined),
    fileGap: jest.fn<LaneWork['fileGap']>(async () => undefined),
  };
  const lane = new Lane(STREAM, startPosition, work, { maxRereads: 12, waitsForMark: true, baseMs: 1, capMs: 5 });
  running = lane.run(stop.signal);
  return { lane, work, done };
}

/** What the reader does: whatever lies behind the cursor. */
function feed(lane: Lane, entries: readonly StreamEntry[]): void {
  const cursor = lane.cursor();
  if (cursor !== null)
    lane.push(
      cursor,
      entries.filter(({ position }) => position > cursor),
    );
}

async function until(probe: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !probe(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(probe()).toBe(true);
}

describe('a lane', () => {
  test('delivers in order and moves once over what nobody handles', async () => {
    const { lane, work, done } = open(10);
    feed(lane, [entry(11), entry(12, 'OrderPlaced'), entry(13), entry(14, 'OrderPlaced'), entry(15, 'OrderPlaced')]);
    await until(() => work.move.mock.calls.length > 0);
    expect(done).toEqual([11, 13]);
    expect(work.move.mock.calls).toEqual([[15]]);
    expect(lane.cursor()).toBe(15);
  });

  test('passes what is of no concern all at once, in its place among the others', async () => {
    const { lane, work, done } = open(0);
    const none = 'OrderPaid';
    feed(lane, [
      entry(1),
      entry(2, none),
      entry(3, none),
      entry(4),
      entry(5, none),
      entry(6, 'OrderPlaced'),
      entry(7, none),
      entry(9, none),
    ]);
    await until(() => work.ask.mock.calls.length === 1);
    expect(done).toEqual([1, 2, 3, 4, 5, 7]);
    expect(work.pass.mock.calls.map(([events]) => events.map(({ position }) => position))).toEqual([[2, 3], [5], [7]]);
    expect(work.ask.mock.calls).toEqual([[8]]);
  });

  test('reads a missing place again, asks its writer, and goes on when it has come', async () => {
    const { lane, work, done } = open(0);
    feed(lane, [entry(1), entry(3)]);
    await until(() => work.ask.mock.calls.length === 1 && lane.cursor() === 1);
    expect(work.ask.mock.calls).toEqual([[2]]);
    feed(lane, [entry(2), entry(3)]);
    await until(() => done.length === 3);
    expect(done).toEqual([1, 2, 3]);
    expect(work.fileGap).not.toHaveBeenCalled();
  });

  test('files a place that never comes, within a bound, and goes on behind it', async () => {
    const { lane, work, done } = open(0);
    const timer = setInterval(() => feed(lane, [entry(4), entry(5)]), 1);
    await until(() => done.length === 2).finally(() => clearInterval(timer));
    expect(done).toEqual([4, 5]);
    expect(work.fileGap.mock.calls).toEqual([[1, 3, 13, '']]);
    expect(work.ask.mock.calls).toEqual([[1], [1], [1]]);
  });

  test('files an entry that is no event, with its text, and drops a stray behind the position', async () => {
    const { lane, work, done } = open(0);
    const timer = setInterval(() => feed(lane, [entry(1), nothing(2), entry(3)]), 1);
    await until(() => done.length === 2).finally(() => clearInterval(timer));
    expect(done).toEqual([1, 3]);
    expect(work.fileGap.mock.calls).toEqual([[2, 2, 13, 'garbage']]);
  });

  test('never files an entry without the mark, and asks its writer until the right one is there', async () => {
    const { lane, work, done } = open(0);
    const forged = nothing(2, false);
    const timer = setInterval(() => feed(lane, [entry(1), forged, entry(3)]), 1);
    await until(() => work.ask.mock.calls.length > 5).finally(() => clearInterval(timer)); // filed, it would be asked for 3 times
    await until(() => lane.cursor() === 1);
    feed(lane, [entry(2), entry(3)]);
    await until(() => done.length === 3);
    expect(done).toEqual([1, 2, 3]);
    expect(new Set(work.ask.mock.calls.flat())).toEqual(new Set([2]));
    expect(work.fileGap).not.toHaveBeenCalled();
  });

  test('drops an entry without the mark that is behind the position', async () => {
    const { lane, work, done } = open(5);
    const stray = nothing(5, false);
    const timer = setInterval(() => lane.push(5, [stray, entry(6)]), 1);
    await until(() => done.length === 1).finally(() => clearInterval(timer));
    expect(work.fileGap).not.toHaveBeenCalled();
  });

  test('wants no more than it can hold', async () => {
    const { lane, work } = open(0);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    work.deliver.mockImplementation(() => held);
    feed(
      lane,
      Array.from({ length: HIGH_MARK + 1 }, (_, index) => entry(index + 1)),
    );
    expect(lane.cursor()).toBeNull();
    release();
  });

  test('takes the events of a pack one after the other, and passes over a pack that nobody handles without reading it', async () => {
    const { lane, work, done } = open(0);
    const unhandled = pack(4, 203, 'OrderPlaced');
    feed(lane, [pack(1, 3), unhandled, pack(204, 206, 'OrderPaid'), entry(207)]);
    await until(() => done.length === 7);
    expect(done).toEqual([1, 2, 3, 204, 205, 206, 207]);
    expect(work.pass.mock.calls.map(([events]) => events.length)).toEqual([3]);
    expect(unhandled.pack?.unpack).not.toHaveBeenCalled();
  });

  test('goes on within a pack, and misses what lies before one', async () => {
    const { lane, work, done } = open(2);
    feed(lane, [pack(1, 4), pack(7, 8)]);
    await until(() => work.ask.mock.calls.length === 1 && lane.cursor() === 4);
    expect(done).toEqual([3, 4]);
    expect(work.ask.mock.calls).toEqual([[5]]);
    const timer = setInterval(() => feed(lane, [pack(7, 8)]), 1);
    await until(() => done.length === 4).finally(() => clearInterval(timer));
    expect(work.fileGap.mock.calls).toEqual([[5, 6, 13, '']]);
  });

  test('files a pack that cannot be read, all its places, with its text', async () => {
    const { lane, work, done } = open(0);
    const broken = { ...pack(2, 5), pack: { type: 'StockLow', first: 2, unpack: () => [nothing(5)] } };
    const timer = setInterval(() => feed(lane, [entry(1), broken, entry(6)]), 1);
    await until(() => done.length === 2).finally(() => clearInterval(timer));
    expect(done).toEqual([1, 6]);
    expect(work.fileGap.mock.calls).toEqual([[2, 5, 13, 'garbage']]);
  });

  test('wants no more packs than it can hold events', async () => {
    const { lane, work } = open(0);
    const held = Promise.withResolvers<void>();
    work.deliver.mockImplementation(() => held.promise);
    feed(lane, [entry(1), pack(2, HIGH_MARK)]);
    await until(() => work.deliver.mock.calls.length === 1);
    const cursors = [lane.cursor()];
    feed(lane, [entry(HIGH_MARK + 1)]);
    cursors.push(lane.cursor());
    held.resolve();
    expect(cursors).toEqual([HIGH_MARK, null]);
  });

  test('goes back when it is told to, after the event in hand, once that is stored', async () => {
    const { lane, done } = open(0);
    feed(lane, [entry(1), entry(2), entry(3)]);
    await until(() => done.length === 3);
    const commit = jest.fn(async () => undefined);
    lane.rewind(1, commit);
    await until(() => lane.cursor() === 1);
    expect(commit).toHaveBeenCalledTimes(1);
    feed(lane, [entry(2), entry(3)]);
    await until(() => done.length === 5);
    expect(done).toEqual([1, 2, 3, 2, 3]);
  });
});
