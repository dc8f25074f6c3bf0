import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createMessagingBed, idsOf, recordEffect, stockLow, type TestService } from '../../test/messaging-bed.ts';
import { rawSql } from '../persistence/index.ts';
import { eventually, PATIENCE_MS } from '../testing/eventually.ts';
import { listDeadLetters, listOutbox, replayDeadLetter, replayOutbox } from './operator.ts';

const bed = createMessagingBed();
let orders: TestService;
let users: TestService;

beforeAll(async () => {
  [orders, users] = await Promise.all([bed.service('orders'), bed.service('users')]);
});
beforeEach(async () => {
  await orders.rows('truncate outbox, outbox_streams, aggregate_sequences');
  await users.rows('truncate inbox, consumer_positions, effects, dead_letters, replay_requests');
  await bed.flush();
  await orders.relay();
});
afterEach(() => bed.stopAll());
afterAll(() => bed.close());

/** Fails for available 0 as long as `isBroken`, after having written something that must not stay. */
function fragile() {
  const state = { isBroken: true, calls: 0 };
  const record = recordEffect<'StockLow'>();
  const handlers = {
    StockLow: async (...[event, unit]: Parameters<typeof record>) => {
      state.calls += 1;
      await record(event, unit);
      if (state.isBroken && (event.payload as { available: number }).available === 0) throw new Error('cannot handle nothing');
    },
  };
  return { state, handlers };
}

describe('an event that cannot be handled', () => {
  test('becomes a dead letter after five attempts, leaves no effect, and later ones are processed', async () => {
    const { state, handlers } = fragile();
    const consumer = await users.consumer(handlers);
    const events = await orders.publish(stockLow('var_1'), stockLow('var_1', 0), stockLow('var_1', 2));
    expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);

    const [first, poison, last] = idsOf(events);
    expect(await users.effects()).toEqual([first, last]);
    expect(state.calls).toBe(7);
    expect(await users.rows('select from inbox where event_id = $1', [poison])).toHaveLength(1);
    const [letter, ...others] = await listDeadLetters(users.databaseUrl);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ id: poison, stream: 'order-events', position: 2, type: 'StockLow', attempts: 5, replayedAt: null });
    expect(letter?.error).toContain('cannot handle nothing');
    const told = await bed.redis.xrange(`${bed.prefix}dead-letters:users`, '-', '+');
    expect(told.map(([, [, text]]) => JSON.parse(text ?? '').id)).toEqual([poison]);
  });

  test('is handled by a replay once the reason is gone, once, and dies again where it is not', async () => {
    const { state, handlers } = fragile();
    const consumer = await users.consumer(handlers);
    const [poison] = await orders.publish(stockLow('var_1', 0));
    if (!poison) throw new Error('one event');
    expect(await consumer.waitFor([poison], PATIENCE_MS)).toBe(true);

    expect(await replayDeadLetter(users.databaseUrl, poison.id)).toBe(true);
    await eventually('it dies again', async () => (await listDeadLetters(users.databaseUrl))[0]?.attempts === 10);
    expect(await users.effects()).toEqual([]);

    state.isBroken = false;
    expect(await replayDeadLetter(users.databaseUrl, poison.id)).toBe(true);
    await eventually('it is handled', async () => (await users.effects()).length === 1);
    expect(await listDeadLetters(users.databaseUrl)).toEqual([]);
    expect(await listDeadLetters(users.databaseUrl, { all: true })).toMatchObject([{ id: poison.id, replayedAt: expect.any(Date) }]);
    expect(await replayDeadLetter(users.databaseUrl, poison.id)).toBe(false);
    expect(await replayDeadLetter(users.databaseUrl, 'evt_none')).toBe(false);
    expect(await users.rows('select from replay_requests')).toEqual([]);
    expect(await users.effects()).toEqual([poison.id]);
  });

  test('is replayed by the process that leads, although another one has been asked to', async () => {
    const { state, handlers } = fragile();
    const consumers = [await users.consumer(handlers), await users.consumer(handlers)];
    const events = await orders.publish(...Array.from({ length: 5 }, (_, index) => stockLow(`var_${index}`, 0)));
    expect(await consumers[0]?.waitFor(events, PATIENCE_MS)).toBe(true);
    state.isBroken = false;
    await Promise.all(idsOf(events).map((id) => replayDeadLetter(users.databaseUrl, id)));
    await eventually('all are handled', async () => (await users.effects()).length >= 5);
    expect((await users.effects()).toSorted()).toEqual(idsOf(events).toSorted());
  });

  test('with a payload against the contract is not even tried twice', async () => {
    const { state, handlers } = fragile();
    const consumer = await users.consumer(handlers);
    await bed.stopAll();
    const [broken] = await orders.publish(stockLow('var_1'));
    await orders.rows(`update outbox set payload = '{"variantId": 7}'`);
    const again = await users.consumer(handlers);
    await orders.relay();
    const after = await orders.publish(stockLow('var_1', 2));
    expect(await again.waitFor(after, PATIENCE_MS)).toBe(true);
    expect(state.calls).toBe(1);
    expect(await listDeadLetters(users.databaseUrl)).toMatchObject([
      { id: broken?.id, attempts: 1, error: expect.stringContaining('variantId') },
    ]);
    expect(consumer.isLeading()).toBe(false);
  });
});

describe('places of a stream that never come', () => {
  test('are filed as a gap whose replay brings what its writer has found again', async () => {
    const record = { StockLow: recordEffect<'StockLow'>() };
    const consumer = await users.consumer(record);
    const events = await orders.publish(...Array.from({ length: 10 }, (_, index) => stockLow('var_1', index + 1)));
    expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);
    // As if 4 to 6 had been passed over: the letter is there, the effects and inbox rows are not.
    const lost = idsOf(events).slice(3, 6);
    await users.rows('delete from effects where event_id = any($1)', [lost]);
    await users.rows('delete from inbox where event_id = any($1)', [lost]);
    const envelope = JSON.stringify({ stream: 'order-events', from: 4, to: 6, raw: '' });
    await users.rows(
      `insert into dead_letters (id, stream, position, type, envelope, error, attempts) values ('gap:1', 'order-events', 4, 'Gap', $1::jsonb, '', 12)`,
      [envelope],
    );

    expect(await replayDeadLetter(users.databaseUrl, 'gap:1')).toBe(true);
    await eventually('the missed effects happen', async () => (await users.effects()).length >= 10);
    expect((await users.effects()).toSorted()).toEqual(idsOf(events).toSorted());
    expect(await listDeadLetters(users.databaseUrl)).toEqual([]);
    expect(await users.rows('select position from consumer_positions')).toEqual([{ position: '10' }]);
  });
});

describe('an operator', () => {
  test('sees what was published and what waits, and has old events put back on the stream', async () => {
    await orders.publish(stockLow('var_1'), stockLow('var_1', 2));
    await eventually('they are published', async () => (await listOutbox(orders.databaseUrl, { isUnpublished: true })).length === 0);
    expect(await listOutbox(orders.databaseUrl, { stream: 'order-events' })).toMatchObject([
      { type: 'StockLow', aggregateId: 'var_1', sequence: 2, position: 2 },
      { sequence: 1, position: 1, publishedAt: expect.any(Date) },
    ]);
    expect(await listOutbox(orders.databaseUrl, { stream: 'user-events' })).toEqual([]);

    await bed.redis.xdel(`${bed.prefix}order-events`, '1-0');
    await replayOutbox(bed.redisUrl, 'order-events', 1, bed.prefix);
    await eventually('the old one is back', async () => (await bed.entries('order-events'))[0] === '1-0');
    await expect(replayOutbox(bed.redisUrl, 'order-events', 0, bed.prefix)).rejects.toThrow('whole number from 1');
  });

  test('keeps the effects of a handler out when the transaction is lost', async () => {
    const consumer = await users.consumer({
      async StockLow(event, unit) {
        await recordEffect<'StockLow'>()(event, unit);
        unit.publish({ type: 'EmailVerified', aggregateId: 'usr_1', payload: { userId: 'usr_1' } });
        await rawSql(unit.em, 'select 1 / 0');
      },
    });
    const events = await orders.publish(stockLow('var_1'));
    expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);
    expect(await users.effects()).toEqual([]);
    expect(await users.rows('select from outbox')).toEqual([]);
  });
});
