import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Envelope } from '@tessera/schema/contract';
import { connected, createMessagingBed, EVENTS_SECRET, idsOf, recordEffect, stockLow, type TestService } from '../../test/messaging-bed.ts';
import { rawSql } from '../persistence/index.ts';
import { eventually, PATIENCE_MS } from '../testing/eventually.ts';
import type { NewEntry } from './entry.ts';
import { epochKey, streamKey } from './names.ts';
import { assignPositions } from './outbox-log.ts';
import { rebuildStreams } from './rebuild.ts';
import { createSeal } from './seal.ts';
import { appendToStream } from './stream.ts';

const bed = createMessagingBed();
const STREAM = 'order-events';
const BATCH = 100;
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
const many = (count: number, from = 0) => Array.from({ length: count }, (_, index) => stockLow(`var_${index % 7}`, from + index));
const key = () => streamKey(bed.prefix, STREAM);

function append(entries: readonly NewEntry[]) {
  return appendToStream(bed.redis, {
    key: key(),
    epochKey: epochKey(bed.prefix, 'orders'),
    keepFrom: 0,
    entries,
    seal: createSeal(EVENTS_SECRET),
  });
}

/** A relay that comes, fills an empty Redis and goes: from then on the stream has an epoch. */
async function relayOnce(): Promise<void> {
  const relay = await orders.relay();
  await eventually('the epoch is set', async () => (await bed.redis.exists(epochKey(bed.prefix, 'orders'))) === 1);
  await relay.close();
}

async function expectOnceEach(ids: readonly string[]): Promise<void> {
  await eventually('every effect happens', async () => new Set(await users.effects()).size >= ids.length);
  expect((await users.effects()).toSorted()).toEqual(ids.toSorted());
}

test('streams that could not be filled leave nothing behind', async () => {
  await relayOnce();
  await orders.publish(...many(5));
  const stopped = new AbortController();
  const seal = createSeal(EVENTS_SECRET);
  const of = (text: string): string => {
    stopped.abort(); // after what it marks is appended
    return seal.of(text);
  };
  const rebuilt = connected(orders.databaseUrl, async (client) => {
    await assignPositions(client, 'orders', BATCH);
    const options = { client, redis: bed.redis, service: 'orders', prefix: bed.prefix, batchSize: 2, maxStreamLength: 100 };
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    await rebuildStreams({ ...options, seal: { ...seal, of }, epochWindowMs: 60_000, from: new Map(), log, signal: stopped.signal });
  });
  await expect(rebuilt).rejects.toThrow('abort');
  expect(await bed.redis.keys(`${key()}:rebuild:*`)).toEqual([]);
});

describe('a relay that dies between two steps', () => {
  test('after it gave positions: the next one appends and marks', async () => {
    await relayOnce();
    const ids = idsOf(await orders.publish(...many(5)));
    await connected(orders.databaseUrl, (client) => assignPositions(client, 'orders', BATCH));
    await users.consumer(record);
    await orders.relay();
    await expectOnceEach(ids);
    await eventually('all are marked', async () => (await orders.rows('select from outbox where published_at is null')).length === 0);
  });

  test('after it appended, before it marked: what is there is left as it is', async () => {
    await relayOnce();
    const ids = idsOf(await orders.publish(...many(5)));
    const events = await connected(orders.databaseUrl, (client) => assignPositions(client, 'orders', BATCH));
    expect(await append(events)).toBe('appended');
    expect(await append(events)).toBe('appended');
    expect(await bed.entries(STREAM)).toHaveLength(5);
    await users.consumer(record);
    const more = idsOf(await orders.publish(...many(5, 5)));
    await orders.relay();
    await expectOnceEach([...ids, ...more]);
    expect(await bed.entries(STREAM)).toEqual(Array.from({ length: 10 }, (_, index) => `${index + 1}-0`));
  });

  test('and an append that does not continue the stream is refused', async () => {
    await relayOnce();
    await orders.publish(...many(4));
    const [first, second, third, fourth] = await connected(orders.databaseUrl, (client) => assignPositions(client, 'orders', BATCH));
    if (!first || !second || !third || !fourth) throw new Error('four events');
    expect(await append([second])).toBe('gap');
    expect(await append([first, second])).toBe('appended');
    expect(await append([fourth])).toBe('gap');
    expect(await append([{ ...third, position: 2 }])).toBe('conflict');
    await bed.flush();
    expect(await append([third])).toBe('flushed');
  });
});

describe('delivered twice', () => {
  test('an event has one effect, also when the consumer reads the stream from its beginning again', async () => {
    await orders.relay();
    const consumer = await users.consumer(record);
    const events = await orders.publish(...many(20));
    expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);
    await consumer.close();
    await users.rows('update consumer_positions set position = 0');
    const again = await users.consumer(record);
    const last = await orders.publish(stockLow('var_last'));
    expect(await again.waitFor(last, PATIENCE_MS)).toBe(true);
    await expectOnceEach([...idsOf(events), ...idsOf(last)]);
  });

  test('a command with a given id counts once, without a gap in the sequence, also when two send it at once', async () => {
    const command = (id: string) =>
      ({ id, type: 'CaptureRequested', aggregateId: 'pay_9', payload: { paymentId: 'pay_9', orderId: 'ord_9' } }) as const;
    const [one, two] = await Promise.all([
      orders.publish(command('step-1'), stockLow('var_9')),
      orders.publish(stockLow('var_9'), command('step-1')),
    ]);
    const third = await orders.publish(command('step-1'), command('step-2'), command('step-2'));
    expect([...one, ...two, ...third].map(({ type }) => type).toSorted()).toEqual([
      'CaptureRequested',
      'CaptureRequested',
      'StockLow',
      'StockLow',
    ]);
    const rows = await orders.rows<{ aggregate_id: string; sequence: string }>(
      'select aggregate_id, sequence from outbox order by aggregate_id, sequence',
    );
    expect(rows.map((row) => `${row.aggregate_id} ${row.sequence}`)).toEqual(['pay_9 1', 'pay_9 2', 'var_9 1', 'var_9 2']);
  });
});

describe('a Redis that loses its memory', () => {
  test('while nobody writes: a consumer that was away gets what it missed, once', async () => {
    await orders.relay();
    const consumer = await users.consumer(record);
    const seen = await orders.publish(...many(20));
    expect(await consumer.waitFor(seen, PATIENCE_MS)).toBe(true);
    await consumer.close();
    const missed = await orders.publish(...many(10, 20));
    await eventually('they are on the stream', async () => (await bed.entries(STREAM)).length === 30);
    await bed.flush();
    await users.consumer(record);
    await expectOnceEach(idsOf([...seen, ...missed]));
    expect(await bed.entries(STREAM)).toEqual(Array.from({ length: 30 }, (_, index) => `${index + 1}-0`));
  });

  test('again and again under writes: nothing is lost, nothing doubled, the order stays', async () => {
    await orders.relay();
    await users.consumer(record);
    const ids: string[] = [];
    for (let round = 0; round < 30; round += 1) {
      ids.push(...idsOf(await orders.publish(...many(10, round * 10))));
      if (round % 6 === 5) await bed.flush();
    }
    await expectOnceEach(ids);
    const inOrder = await orders.rows<{ id: string }>('select id from outbox order by position');
    expect(await users.effects()).toEqual(inOrder.map((row) => row.id));
  });

  test('only its newest entries, or has got one from a stranger: the stream is made whole', async () => {
    await orders.relay();
    const consumer = await users.consumer(record);
    const events = await orders.publish(...many(10));
    expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);
    await bed.redis.xdel(key(), '9-0', '10-0');
    await eventually('they come back', async () => (await bed.entries(STREAM)).at(-1) === '10-0');

    const [copy] = await bed.redis.xrange(key(), '3-0', '3-0');
    await bed.redis.xadd(key(), '11-0', ...(copy?.[1] ?? []));
    const later = await orders.publish(...many(3, 10));
    expect(await consumer.waitFor(later, PATIENCE_MS)).toBe(true);
    await expectOnceEach(idsOf([...events, ...later]));
    expect(bed.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('an entry without the mark of a service', () => {
  test.each([
    ['none', (_text: string): string[] => []],
    ['that of another secret', (text: string): string[] => ['s', createSeal('a guess').of(text)]],
    ['that of another entry', (_text: string, other: string): string[] => ['s', other]],
  ])('is never taken, with %s', async (_name, mark) => {
    await orders.relay();
    const consumer = await users.consumer(record);
    const events = await orders.publish(...many(2));
    expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);

    // Right in every other way: the next position, a well-formed event that the consumer handles.
    const [copy] = await bed.redis.xrange(key(), '2-0', '2-0');
    const [, text = '', , other = ''] = copy?.[1] ?? [];
    const forged = JSON.stringify({ ...(JSON.parse(text) as Envelope), id: 'evt_forged', position: 3 });
    await bed.redis.xadd(key(), '3-0', 'e', forged, ...mark(forged, other));
    const later = await orders.publish(...many(2, 2));
    expect(await consumer.waitFor(later, PATIENCE_MS)).toBe(true);
    expect(await users.effects()).toEqual(idsOf([...events, ...later]));
  });
});

describe('a stream whose relay did not know the secret', () => {
  const OLD_SECRET = 'the secret of last year, of all services';
  const marked = async () => {
    const entries = await bed.redis.xrange(key(), '-', '+');
    return entries.filter(([, [, text = '', , mark = '']]) => createSeal(EVENTS_SECRET).isOn(text, mark)).length;
  };

  test.each([
    ['has no marks', 'before'],
    ['has marks of another secret', 'before'],
    ['has marks of another secret', 'after'],
  ])('%s: the next relay fills it anew, and nothing becomes a dead letter; the consumer came %s', async (kind, order) => {
    const old = await orders.relay({ eventsSecret: OLD_SECRET });
    const events = await orders.publish(...many(10));
    await eventually('they are on the stream', async () => (await bed.entries(STREAM)).length === 10);
    if (order === 'before') await users.consumer(record);
    if (order === 'before')
      await eventually('it asks for them', async () => bed.lines.some(({ message }) => message.includes('asking its writer')));
    await old.close();
    if (kind === 'has no marks') await bed.unmark(STREAM);
    // Committed before the new relay comes: it must not put them behind the others and take the stream for its own.
    const later = await orders.publish(...many(5, 10));
    await connected(orders.databaseUrl, (client) => assignPositions(client, 'orders', BATCH));
    expect(await users.effects()).toEqual([]);

    await orders.relay();
    await eventually('all bear the mark', async () => (await marked()) === 15);
    if (order === 'after') await users.consumer(record);
    await expectOnceEach(idsOf([...events, ...later]));
    expect(await users.rows('select from dead_letters')).toEqual([]);
  });

  test('loses its marks under a relay that knows it: they come back', async () => {
    await orders.relay();
    await orders.publish(...many(3));
    await eventually('all bear the mark', async () => (await marked()) === 3);
    await bed.unmark(STREAM);
    await eventually('they bear it again', async () => (await marked()) === 3);
  });
});

describe('a consumer behind the end of a trimmed stream', () => {
  test('asks the writer and gets every event', async () => {
    await orders.relay({ maxStreamLength: 100 });
    const ids: string[] = [];
    for (let round = 0; round < 5; round += 1) ids.push(...idsOf(await orders.publish(...many(200, round * 200))));
    await eventually('the stream is trimmed', async () => (await bed.entries(STREAM)).at(-1) === '1000-0');
    expect((await bed.entries(STREAM))[0]).not.toBe('1-0');
    await users.consumer(record);
    await eventually('every effect happens', async () => (await users.effects()).length >= 1_000);
    const inOrder = await orders.rows<{ id: string }>('select id from outbox order by position');
    expect(await users.effects()).toEqual(inOrder.map((row) => row.id));
    expect(await users.rows('select from dead_letters')).toEqual([]);
  });
});

describe('two processes on one database', () => {
  test('give one effect each, and the second takes over when the first closes or loses its connection', async () => {
    const [relayA, relayB] = [await orders.relay(), await orders.relay()];
    const [consumerA, consumerB] = [await users.consumer(record), await users.consumer(record)];
    const leaders = () => [relayA, relayB, consumerA, consumerB].map((worker) => worker.isLeading());
    await eventually('one of each leads', async () => leaders().filter(Boolean).length === 2);
    const first = await orders.publish(...many(50));
    expect(await consumerA.waitFor(first, PATIENCE_MS)).toBe(true);
    expect(leaders().filter(Boolean)).toHaveLength(2);

    const [relay, standByRelay] = relayA.isLeading() ? [relayA, relayB] : [relayB, relayA];
    const [consumer, standByConsumer] = consumerA.isLeading() ? [consumerA, consumerB] : [consumerB, consumerA];
    const startedMs = performance.now();
    await Promise.all([relay.close(), consumer.close()]);
    const second = await orders.publish(...many(50, 50));
    expect(await standByConsumer.waitFor(second, PATIENCE_MS)).toBe(true);
    process.stdout.write(`close → the stand-bys have taken over and delivered: ${(performance.now() - startedMs).toFixed(0)} ms\n`);
    expect([standByRelay.isLeading(), standByConsumer.isLeading()]).toEqual([true, true]);

    const killedMs = performance.now();
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity where application_name in ('tessera-relay', 'tessera-consumer') and datname = current_database()`;
    await Promise.all([orders.rows(kill), users.rows(kill)]);
    const third = await orders.publish(...many(50, 100));
    expect(await standByConsumer.waitFor(third, PATIENCE_MS)).toBe(true);
    process.stdout.write(`connections killed → delivered: ${(performance.now() - killedMs).toFixed(0)} ms\n`);
    await expectOnceEach(idsOf([...first, ...second, ...third]));
  });
});

describe('a database that fails for the time being', () => {
  test('is waited for, however often it fails, and nothing becomes a dead letter', async () => {
    await orders.relay();
    let failures = 0;
    const consumer = await users.consumer({
      async StockLow(event, unit) {
        await record.StockLow(event, unit);
        failures += 1;
        if (failures <= 8) await rawSql(unit.em, 'select pg_terminate_backend(pg_backend_pid())');
      },
    });
    const events = await orders.publish(stockLow('var_1'), stockLow('var_2'));
    expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);
    await expectOnceEach(idsOf(events));
    expect(failures).toBe(10);
    expect(await users.rows('select from dead_letters')).toEqual([]);
  });
});
