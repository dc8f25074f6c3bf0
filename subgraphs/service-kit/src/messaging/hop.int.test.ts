import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createMessagingBed, idsOf, recordEffect, stockLow, type TestService } from '../../test/messaging-bed.ts';
import { rawSql, transaction } from '../persistence/index.ts';
import { eventually, PATIENCE_MS } from '../testing/eventually.ts';
import { writeOutbox } from './outbox.ts';

const bed = createMessagingBed();
let orders: TestService;
let users: TestService;
let payments: TestService;

beforeAll(async () => {
  [orders, users, payments] = await Promise.all([bed.service('orders'), bed.service('users'), bed.service('payments')]);
});
afterEach(() => bed.stopAll());
afterAll(() => bed.close());

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

describe('one hop', () => {
  test('takes milliseconds from commit to the effect in the other service', async () => {
    await orders.relay();
    const consumer = await users.consumer({ StockLow: recordEffect() });
    expect(await consumer.waitFor(await orders.publish(stockLow('var_warm-up')), PATIENCE_MS)).toBe(true);

    const hopsMs: number[] = [];
    for (let hop = 0; hop < 100; hop += 1) {
      const events = await orders.publish(stockLow('var_1', hop));
      const committedMs = performance.now();
      expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);
      hopsMs.push(performance.now() - committedMs);
    }
    const figures = { medianMs: median(hopsMs).toFixed(2), maxMs: Math.max(...hopsMs).toFixed(2) };
    process.stdout.write(`commit → effect committed elsewhere, 100 hops: ${JSON.stringify(figures)}\n`);
    expect(median(hopsMs)).toBeLessThan(1_000);
    expect(await users.effects()).toHaveLength(101);
  });

  test('goes on from a handler, which publishes in the transaction of its effect and carries cause and trace', async () => {
    await Promise.all([orders.relay(), payments.relay()]);
    await payments.consumer({
      async CaptureRequested({ payload: { paymentId, orderId } }, unit) {
        unit.publish({
          type: 'PaymentCaptured',
          aggregateId: paymentId,
          payload: { paymentId, orderId, customerId: 'usr_1', tender: 'WALLET', amount: { currency: 'EUR', minor: '1' }, reason: null },
        });
      },
    });
    const back = await orders.consumer({ PaymentCaptured: recordEffect() });
    const [command] = await orders.publish({
      type: 'CaptureRequested',
      aggregateId: 'pay_1',
      payload: { paymentId: 'pay_1', orderId: 'ord_1' },
    });

    const answered = async () =>
      payments.rows<{ id: string; causation_id: string; actor: string; correlation_id: string }>('select * from outbox');
    await eventually('the handler publishes', async () => (await answered()).length === 1);
    const [answer] = await answered();
    const [asked] = await orders.rows<{ correlation_id: string }>('select correlation_id from outbox where id = $1', [command?.id]);
    expect(answer).toMatchObject({ causation_id: command?.id, actor: 'service:payments', correlation_id: asked?.correlation_id });
    expect(await back.waitFor([{ id: answer?.id ?? '', type: 'PaymentCaptured' }], PATIENCE_MS)).toBe(true);
  });

  test('receives what is of no concern without a handler, for good, and says so to who waits for it', async () => {
    await orders.relay();
    const concerns = ({ available }: Readonly<Record<string, unknown>>) => Number(available) < 9;
    const consumer = await users.consumer({ StockLow: { concerns, handle: recordEffect() } });
    const before = await users.effects();
    const events = await orders.publish(...Array.from({ length: 100 }, (_, available) => stockLow('var_selective', available)));
    expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);
    expect(await users.effects()).toEqual([...before, ...idsOf(events.slice(0, 9))]);
    const received = await users.rows('select event_id from inbox where event_id = any($1::text[])', [idsOf(events)]);
    expect(received).toHaveLength(events.length);
    const last = await orders.rows<{ position: string }>('select position from outbox where id = $1', [events.at(-1)?.id]);
    expect(await users.rows('select position from consumer_positions where stream = $1', ['order-events'])).toEqual(last);
  });

  test('keeps the order of an aggregate under concurrent writers, with positions and sequences without gaps', async () => {
    await orders.rows('truncate outbox, outbox_streams, aggregate_sequences');
    await users.rows('truncate inbox, consumer_positions, effects');
    await bed.flush();
    await orders.relay();
    const consumer = await users.consumer({ StockLow: recordEffect() });
    const writes = Array.from({ length: 300 }, (_, index) => {
      const [one, other] = [`var_${index % 3}`, `var_${(index + 1) % 3}`];
      return orders.publish(stockLow(one, index), stockLow(other, index), stockLow(one, index));
    });
    const events = (await Promise.all(writes)).flat();
    expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);

    const outbox = await orders.rows<{ id: string; aggregate_id: string; sequence: string; position: string }>(
      'select * from outbox order by position',
    );
    expect(outbox.map((row) => Number(row.position))).toEqual(Array.from({ length: 900 }, (_, index) => index + 1));
    for (const rows of Object.values(Object.groupBy(outbox, (row) => row.aggregate_id))) {
      expect(rows?.map((row) => Number(row.sequence))).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    }
    expect(await users.effects()).toEqual(outbox.map((row) => row.id));
  });

  test('publishes nothing of a transaction that rolls back', async () => {
    await orders.relay();
    const consumer = await users.consumer({ StockLow: recordEffect() });
    const before = await bed.entries('order-events');
    const failing = orders.act(async (unit) => {
      unit.publish(stockLow('var_rolled-back'));
      await rawSql(unit.em, 'select 1 / 0');
    });
    await expect(failing).rejects.toThrow('division by zero');
    const late = orders.act(async (unit) => {
      unit.publish(stockLow('var_rolled-back'));
      throw new Error('after publish');
    });
    await expect(late).rejects.toThrow('after publish');
    const written = transaction(orders.orm.em, async (em) => {
      await writeOutbox(em, [stockLow('var_rolled-back')], {
        actor: 'service:orders',
        correlationId: 'c',
        causationId: null,
        traceparent: null,
        now: new Date(),
      });
      throw new Error('after writing');
    });
    await expect(written).rejects.toThrow('after writing');

    const events = await orders.publish(stockLow('var_next'));
    expect(await consumer.waitFor(events, PATIENCE_MS)).toBe(true);
    expect(await bed.entries('order-events')).toHaveLength(before.length + 1);
    expect((await users.effects()).at(-1)).toBe(idsOf(events)[0]);
  });

  test('passes over types that nothing here handles and remembers the position', async () => {
    await orders.relay();
    const consumer = await users.consumer({ OrderPlaced: recordEffect() });
    await orders.publish(...Array.from({ length: 50 }, (_, index) => stockLow('var_unhandled', index)));
    const top = async () =>
      Number((await orders.rows<{ p: string }>(`select last_position as p from outbox_streams where stream = 'order-events'`))[0]?.p);
    const at = async () =>
      Number((await users.rows<{ p: string }>(`select position as p from consumer_positions where stream = 'order-events'`))[0]?.p);
    await eventually('the position moves', async () => (await at()) === (await top()));
    expect(await consumer.waitFor([{ id: 'evt_unknown', type: 'StockLow' }], 1)).toBe(true);
  });
});

describe('waitFor', () => {
  test('is false at the time-out, true where another process has consumed, and ignores what is not handled', async () => {
    await orders.relay();
    const [here, there] = [await users.consumer({ StockLow: recordEffect() }), await users.consumer({ StockLow: recordEffect() })];
    await eventually('one leads', async () => here.isLeading() !== there.isLeading());
    const standBy = here.isLeading() ? there : here;
    expect(await standBy.waitFor(await orders.publish(stockLow('var_2')), PATIENCE_MS)).toBe(true);

    const startedMs = performance.now();
    expect(await here.waitFor([{ id: 'evt_never', type: 'StockLow' }], 120)).toBe(false);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(115);
    expect(await here.waitFor([{ id: 'evt_never', type: 'UserSuspended' }], 120)).toBe(true);
    expect(await here.waitFor([], 0)).toBe(true);
  });
});
