import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase, testRedisUrl } from '@tessera/service-kit/testing';
import { serviceEnvironment } from './environment.ts';
import { createSubgraphs, type Hosted } from './host.ts';
import { landingOf } from './landing.ts';
import { DATABASE_SERVICES, openSecrets } from './secrets.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const NOWHERE = { postgresUrl: 'postgres://nobody@127.0.0.1:1/none', redisUrl: 'redis://127.0.0.1:1' };
let folder: ReturnType<typeof temporaryFolder>;
let database: TestDatabase;
const opened: Hosted[] = [];
beforeAll(async () => {
  folder = temporaryFolder();
  database = await createTestDatabase({ name: 'landing', version: 'empty', migrate: async () => undefined });
});
afterAll(async () => {
  await Promise.all(opened.flatMap((hosted) => Object.values(hosted).map((subgraph) => subgraph.close())));
  await database.drop();
  folder.remove();
});

async function statusWith({ postgresUrl, redisUrl }: { readonly postgresUrl: string; readonly redisUrl: string }) {
  const parts = { secrets: openSecrets(join(folder.path, 'secrets.json')), redisUrl, smtpUrl: 'smtp://127.0.0.1:1' };
  const databases = Object.fromEntries(DATABASE_SERVICES.map((service) => [service, postgresUrl]));
  const logFile = join(folder.path, 'test.log');
  const env = serviceEnvironment({ ...parts, databases, gatewayPort: 0, subgraphPorts: {}, logFile }, {});
  const hosted = await createSubgraphs(env);
  opened.push(hosted);
  const stores = { postgres: { why: 'a test' }, redis: { url: redisUrl, why: 'a test' } };
  const subgraphUrls = { users: 'http://127.0.0.1:4001' };
  const cards = { simulatorUrl: 'http://127.0.0.1:1', why: 'a test' };
  return landingOf({ mailboxUrl: 'http://127.0.0.1:1', cards, stores, hosted, subgraphUrls, hasSeed: false }).status?.();
}

test('the landing page is told which stores answer, and where each subgraph is', async () => {
  expect(await statusWith({ postgresUrl: database.url, redisUrl: testRedisUrl() })).toEqual([
    { name: 'PostgreSQL', kind: 'store', isUp: true },
    { name: 'Redis', kind: 'store', isUp: true },
    { name: 'users', kind: 'subgraph', isUp: null, detail: 'in this process; for others at http://127.0.0.1:4001' },
    { name: 'Stripe simulator', kind: 'tool', isUp: false, detail: expect.any(String), url: 'http://127.0.0.1:1' },
  ]);
});

test('the landing page is told that a store is down', async () => {
  expect(await statusWith(NOWHERE)).toMatchObject([{ isUp: false }, { isUp: false }, {}, {}]);
});
