import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createMessagingBed, type MessagingBed, type TestService } from '../../test/messaging-bed.ts';
import { createOrm, type MikroORM, rawSql, transaction } from '../persistence/index.ts';
import { createReceivedEvents } from './wait-for.ts';

let bed: MessagingBed;
let users: TestService;
let impatient: MikroORM;
beforeAll(async () => {
  bed = createMessagingBed();
  users = await bed.service('users');
  impatient = createOrm({ databaseUrl: users.databaseUrl, entities: [], migrations: [], statementTimeoutMs: 100 });
});
afterAll(async () => {
  await impatient.close();
  await bed.close();
});

/** Nobody can read the inbox while the work runs. */
const withInboxLocked = <T>(work: () => Promise<T>): Promise<T> =>
  transaction(users.orm.em, async (em) => {
    await rawSql(em, 'lock table inbox in access exclusive mode');
    return work();
  });

it('MUST answer within its bound while the inbox hangs', async () => {
  const received = createReceivedEvents(() => users.orm.em.fork());
  const startedAt = performance.now();
  expect(await withInboxLocked(() => received.waitFor(['evt_a'], 200))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

it('MUST answer that it is stale when the inbox takes too long to say', async () => {
  await users.rows('alter table inbox rename to inbox_rows');
  await users.rows('create view inbox as select pg_sleep(1)::text as event_id');
  const received = createReceivedEvents(() => impatient.em.fork());
  expect(await received.waitFor(['evt_b'], 400)).toBe(false);
  await users.rows('drop view inbox');
  await users.rows('alter table inbox_rows rename to inbox');
});

it('hears of what this process has done while the inbox hangs', async () => {
  const received = createReceivedEvents(() => users.orm.em.fork());
  const answer = await withInboxLocked(() => {
    setTimeout(() => received.add('evt_c'), 50);
    return received.waitFor(['evt_c'], 1_000);
  });
  expect(answer).toBe(true);
});
