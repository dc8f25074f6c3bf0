import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { connected, createMessagingBed, stockLow, type TestService } from '../../test/messaging-bed.ts';
import { assignPositions, keepToIndexes } from './outbox-log.ts';

const WAITING = 8_000;
const STEP = 100;

const publish = (count: number) => orders.publish(...Array.from({ length: count }, (_, at) => stockLow('var_1', at)));

const bed = createMessagingBed();
let orders: TestService;
beforeAll(async () => {
  orders = await bed.service('orders');
});
afterAll(() => bed.close());

test('a step of the relay reads what it publishes, however much waits behind it and little as is known of the table', async () => {
  const read = await connected(orders.databaseUrl, async (client) => {
    await keepToIndexes(client);
    await publish(WAITING);
    await client.query('begin');
    const before = await rowsRead(client);
    expect(await assignPositions(client, 'orders', STEP)).toHaveLength(STEP);
    return (await rowsRead(client)) - before;
  });
  expect(read).toBeGreaterThanOrEqual(STEP);
  expect(read).toBeLessThan(STEP * 5);
});

async function rowsRead(client: Client): Promise<number> {
  const { rows } = await client.query<{ read: string }>(
    `select seq_tup_read + idx_tup_fetch as read from pg_stat_xact_user_tables where relname = 'outbox'`,
  );
  return Number(rows[0]?.read);
}
