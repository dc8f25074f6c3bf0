import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Envelope } from '@tessera/schema/contract';
import { createMessagingBed, EVENTS_SECRET, idsOf, stockLow, type TestService } from '../../test/messaging-bed.ts';
import { eventually } from '../testing/eventually.ts';
import { replayKey } from './names.ts';
import { createStreamTail, type StreamGap, type StreamTail } from './tail.ts';

const bed = createMessagingBed();
const tails: StreamTail[] = [];
let orders: TestService;

beforeAll(async () => {
  orders = await bed.service('orders');
});
afterEach(async () => {
  await Promise.all(tails.splice(0).map((tail) => tail.close()));
  await bed.stopAll();
  await orders.rows('truncate outbox, outbox_streams, aggregate_sequences');
  await bed.flush();
});
afterAll(() => bed.close());

async function tailing() {
  const tail = createStreamTail({
    redisUrl: bed.redisUrl,
    eventsSecret: EVENTS_SECRET,
    prefix: bed.prefix,
    streams: ['order-events', 'user-events'],
    log: bed.log,
  });
  tails.push(tail);
  const seen: Envelope[] = [];
  const stop = tail.onEvent((event) => void seen.push(event));
  await tail.start();
  return { tail, seen, stop };
}

const many = (count: number) => Array.from({ length: count }, (_, index) => stockLow('var_1', index));

describe('the tail of a stream', () => {
  test('begins now and emits each event once, in order, within milliseconds', async () => {
    await orders.relay();
    const old = await orders.publish(...many(3));
    await eventually('the old ones are there', async () => (await bed.entries('order-events')).length === 3);
    const { seen, tail } = await tailing();
    const startedMs = performance.now();
    const events = await orders.publish(...many(50));
    await eventually('all are emitted', async () => seen.length >= 50);
    process.stdout.write(`commit of 50 → last one emitted live: ${(performance.now() - startedMs).toFixed(0)} ms\n`);
    expect(seen.map(({ id }) => id)).toEqual(idsOf(events));
    expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 50 }, (_, index) => index + 4));
    expect(tail.emittedPosition('order-events')).toBe(53);
    expect(old).toHaveLength(3);
  });

  test('goes on after the last seen position when Redis loses everything, and loses nothing', async () => {
    await orders.relay();
    const { seen } = await tailing();
    const ids: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      ids.push(...idsOf(await orders.publish(...many(10))));
      if (round % 3 === 2) await bed.flush();
    }
    await eventually('all are emitted', async () => seen.length >= ids.length);
    expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
    expect(seen.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  });

  test('does not take what is put back after a loss for news', async () => {
    const relay = await orders.relay();
    await orders.publish(...many(20));
    await eventually('they are published', async () => (await bed.entries('order-events')).length === 20);
    await relay.close();
    await orders.rows(`update outbox set occurred_at = occurred_at - interval '1 hour'`);
    await bed.flush();
    const { seen } = await tailing();
    await orders.relay();
    await eventually('the old ones are back', async () => (await bed.entries('order-events')).length === 20);
    const news = await orders.publish(stockLow('var_2'));
    await eventually('the news comes', async () => seen.length > 0);
    expect(seen.map(({ id }) => id)).toEqual(idsOf(news));
  });

  test('answers what a returning subscriber has missed, and says where it cannot', async () => {
    await orders.relay({ maxStreamLength: 100 });
    const { tail, seen } = await tailing();
    for (let round = 1; round <= 5; round += 1) {
      await orders.publish(...many(100));
      await eventually('all are emitted', async () => seen.length >= 100 * round);
    }

    const missed = await tail.readRange('order-events', 480, 1_000);
    expect(missed?.map(({ position }) => position)).toEqual(Array.from({ length: 20 }, (_, index) => index + 481));
    expect(await tail.readRange('order-events', 480, 5)).toHaveLength(5);
    expect(await tail.readRange('order-events', 500, 5)).toEqual([]);
    expect(await tail.readRange('order-events', 0, 1_000)).toBeNull();
    expect(await tail.readRange('user-events', 0, 5)).toEqual([]);
    await bed.redis.xdel(`${bed.prefix}order-events`, '485-0');
    expect(await tail.readRange('order-events', 480, 1_000)).toBeNull();
    expect(await tail.readRange('order-events', 485, 1_000)).toHaveLength(15);
    expect(await tail.readRange('order-events', 480, 4)).toHaveLength(4);
  });

  test('neither answers with what bears no mark nor passes over it in silence: asks its writer, then tells', async () => {
    const relay = await orders.relay();
    const { tail, seen } = await tailing();
    const gaps: StreamGap[] = [];
    tail.onGap((gap) => void gaps.push(gap));
    await orders.publish(...many(3));
    await eventually('all are emitted', async () => seen.length === 3);
    await relay.close();
    await bed.unmark('order-events');
    expect(await tail.readRange('order-events', 0, 5)).toBeNull();

    const [copy] = await bed.redis.xrange(`${bed.prefix}order-events`, '3-0', '3-0');
    await bed.redis.xadd(`${bed.prefix}order-events`, '4-0', ...(copy?.[1] ?? []));
    await eventually('the listener is told', async () => gaps.length > 0);
    expect(gaps).toEqual([{ stream: 'order-events', gapTo: 4 }]);
    expect(await bed.redis.hgetall(replayKey(bed.prefix, 'orders'))).toEqual({ 'order-events|tail': '4' });
    expect(seen).toHaveLength(3);
  });

  test('waits for the right event where a stranger has taken its place', async () => {
    await orders.relay();
    const { seen } = await tailing();
    await orders.publish(...many(3));
    await eventually('all are emitted', async () => seen.length === 3);
    await bed.redis.xadd(`${bed.prefix}order-events`, '4-0', 'e', '{"id":"evt_stranger"}');
    await orders.publish(...many(2));
    await eventually('all are emitted', async () => seen.length === 5);
    expect(seen.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
  });

  test('serves the others when one listener throws, and none that has left', async () => {
    await orders.relay();
    const { tail, seen, stop } = await tailing();
    tail.onEvent(() => {
      throw new Error('a broken listener');
    });
    const others: Envelope[] = [];
    tail.onEvent((event) => void others.push(event));
    await orders.publish(stockLow('var_1'));
    await eventually('the others get it', async () => others.length === 1);
    stop();
    await orders.publish(stockLow('var_1'));
    await eventually('the others get it', async () => others.length === 2);
    expect(seen).toHaveLength(1);
  });
});
