import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { connected, createMessagingBed, recordEffect, stockLow, type TestService } from '../../test/messaging-bed.ts';
import { InvariantViolation } from '../errors/index.ts';
import { newId } from '../ids/index.ts';
import { eventually } from '../testing/eventually.ts';
import { streamKey } from './names.ts';
import { listOutbox } from './operator.ts';
import { assignPositions, loadFrom, loadUnpublished, markPublished, windowStart } from './outbox-log.ts';

const bed = createMessagingBed();
const STREAM = 'order-events';
const HOUR_MS = 3_600_000;
let orders: TestService;
let users: TestService;

beforeAll(async () => {
  [orders, users] = await Promise.all([bed.service('orders'), bed.service('users')]);
});
beforeEach(async () => {
  await orders.rows('truncate outbox, outbox_streams, aggregate_sequences');
  await users.rows('truncate inbox, consumer_positions, effects, dead_letters, replay_requests');
  await bed.flush();
});
afterEach(() => bed.stopAll());
afterAll(() => bed.close());

const record = { StockLow: recordEffect<'StockLow'>() };

/** One row for so many events, as an engine writes it. @returns the ids of the events */
async function pack(size: number): Promise<string[]> {
  const events = Array.from({ length: size }, (_, at) => {
    const { aggregateId, payload } = stockLow(newId('variant'), at);
    return { id: newId('event'), aggregateId, actor: 'user:u', causationId: null, correlationId: `c${at}`, traceparent: null, payload };
  });
  await orders.rows(
    `insert into outbox (id, stream, type, version, source, aggregate_id, sequence, payload, occurred_at, actor, correlation_id, packed)
     values ($1, '${STREAM}', 'StockLow', 1, 'orders', $1, 1, $2::jsonb, clock_timestamp(), 'service:orders', '-', $3)`,
    [newId('event'), JSON.stringify(events), size],
  );
  return events.map(({ id }) => id);
}

/** A pack, two rows, a pack, a row: eleven events. */
async function mixed(): Promise<string[]> {
  const single = async (at: number) => (await orders.publish(stockLow(`var_${at}`, at))).map(({ id }) => id);
  return [...(await pack(4)), ...(await single(1)), ...(await single(2)), ...(await pack(4)), ...(await single(3))];
}

const log = <T>(work: (client: Parameters<typeof assignPositions>[0]) => Promise<T>): Promise<T> => connected(orders.databaseUrl, work);
const placesOf = (events: readonly { readonly position: number }[]): number[] => events.map(({ position }) => position);

test('every event of a pack has a place of its own, is received once, and says who caused it', async () => {
  const ids = await mixed();
  await users.consumer(record);
  await orders.relay();
  await eventually('every effect happens', async () => (await users.effects()).length >= ids.length);
  expect(await users.effects()).toEqual(ids);
  expect(await bed.entries(STREAM)).toEqual(ids.map((_, at) => `${at + 1}-0`));
  const raw = await bed.redis.xrange(streamKey(bed.prefix, STREAM), '3-0', '3-0');
  expect(JSON.parse(raw[0]?.[1][1] ?? '')).toMatchObject({
    ...{ id: ids[2], position: 3, sequence: 1, actor: 'user:u', correlationId: 'c2', causationId: null, payload: { available: 2 } },
  });
  await eventually('all are marked', async () => (await orders.rows('select from outbox where published_at is null')).length === 0);
  expect(await users.rows('select from dead_letters')).toEqual([]);
});

test('a turn that ends within a pack takes the whole of it, and fewer than asked for are all there are', async () => {
  const ids = await mixed();
  const [first, second, third] = await log(async (client) => [
    await assignPositions(client, 'orders', 2),
    await assignPositions(client, 'orders', 5),
    await assignPositions(client, 'orders', 5),
  ]);
  expect([first, second, third].map(placesOf)).toEqual([[1, 2, 3, 4], [5, 6, 7, 8, 9, 10], [11]]);
  expect([...first, ...second, ...third].map(({ id }) => id)).toEqual(ids);
});

test('after a crash between the steps, what has a place is found again, and marked by its place', async () => {
  const ids = await mixed();
  await log(async (client) => {
    await assignPositions(client, 'orders', 100);
    const some = await loadUnpublished(client, 'orders', 5);
    expect(some.map(({ id }) => id)).toEqual(ids.slice(0, 5));
    await markPublished(client, some);
    const rest = await loadUnpublished(client, 'orders', 100);
    expect(rest.map(({ id }) => id)).toEqual(ids.slice(5));
    await markPublished(client, rest);
    expect(await loadUnpublished(client, 'orders', 100)).toEqual([]);
  });
});

test('a stream may begin again within a pack', async () => {
  const ids = await mixed();
  await log(async (client) => {
    await markPublished(client, await assignPositions(client, 'orders', 100));
    expect((await loadFrom(client, STREAM, 3, 4)).map(({ id }) => id)).toEqual(ids.slice(2, 4));
    expect((await loadFrom(client, STREAM, 5, 4)).map(({ id }) => id)).toEqual(ids.slice(4, 10));
    expect(placesOf(await loadFrom(client, STREAM, 8, 100))).toEqual([8, 9, 10, 11]);
    expect(await windowStart(client, STREAM, HOUR_MS, 1_000)).toBe(1);
    expect(await windowStart(client, STREAM, HOUR_MS, 4)).toBe(8);
  });
});

test('a relay whose Redis lost everything fills the stream with the same events at the same places', async () => {
  const ids = await mixed();
  await orders.relay();
  await eventually('all are on the stream', async () => (await bed.entries(STREAM)).length === ids.length);
  await bed.flush();
  await eventually('they are there again', async () => (await bed.entries(STREAM)).length === ids.length);
  await users.consumer(record);
  await eventually('every effect happens', async () => (await users.effects()).length >= ids.length);
  expect(await users.effects()).toEqual(ids);
});

describe('a row that does not make as many events as it says', () => {
  const claim = (size: number) => orders.rows('update outbox set packed = $1 where packed is not null', [size]);
  const places = async () =>
    (await orders.rows<{ position: string | null }>('select position from outbox')).map(({ position }) => position);

  it.each([
    ['more', 2, 4],
    ['fewer', 4, 3],
    ['none at all', 0, 1],
  ])('MUST get no position: it makes %s', async (_what, size, claimed) => {
    await orders.publish(stockLow('var_before'));
    await pack(Math.max(size, 1));
    if (size === 0) await orders.rows(`update outbox set payload = '[]' where packed is not null`);
    await claim(claimed);
    await log(async (client) => {
      await expect(assignPositions(client, 'orders', 100)).rejects.toThrow(InvariantViolation);
      expect(await places()).toEqual([null, null]);
      expect(await orders.rows('select from outbox_streams')).toEqual([]);
      expect(placesOf(await assignPositions(client, 'orders', 1))).toEqual([1]); // the connection serves on
    });
  });

  it('MUST not be read for a stream that is filled anew, nor after a crash between the steps', async () => {
    await pack(4);
    await log(async (client) => {
      await assignPositions(client, 'orders', 100);
      await orders.rows(`update outbox set payload = (payload::jsonb - 3) where packed is not null`);
      await expect(loadUnpublished(client, 'orders', 100)).rejects.toThrow(InvariantViolation);
      await expect(loadFrom(client, STREAM, 2, 100)).rejects.toThrow(InvariantViolation);
    });
  });

  it('stops the relay, which says so once and goes on when the row is mended', async () => {
    const ids = await pack(4);
    await claim(5);
    await orders.relay();
    const complaints = () => bed.lines.filter(({ level, message }) => level === 'error' && message.includes('cannot be told'));
    await eventually('the relay complains', async () => complaints().length > 0);
    expect(complaints()).toMatchObject([{ facts: { service: 'orders', reason: expect.stringContaining('makes 4 events and not 5') } }]);
    expect(await bed.entries(STREAM)).toEqual([]);
    await claim(4);
    await eventually('all are on the stream', async () => (await bed.entries(STREAM)).length === ids.length);
    expect(complaints()).toHaveLength(1);
  });
});

test('operators see events, not packs', async () => {
  const ids = await mixed();
  expect((await listOutbox(orders.databaseUrl, { limit: 6 })).map(({ id }) => id)).toEqual(ids.slice(5).reverse());
});
