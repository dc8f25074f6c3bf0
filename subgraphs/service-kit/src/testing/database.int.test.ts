import { afterAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase, testPrefix } from './database.ts';

/** Nobody else's: this suite drops its templates. */
const NAME = 'kit_database_test';
const version = `${Date.now()}-${process.pid}`;
const opened: TestDatabase[] = [];
let migrations = 0;

const create = async (of: string = version) => {
  const database = await createTestDatabase({ name: NAME, version: of, migrate });
  opened.push(database);
  return database;
};

afterAll(async () => {
  await Promise.all(opened.map((database) => database.drop()));
  await query(process.env.TESSERA_TEST_POSTGRES_URL ?? '', async (client) => {
    const { rows } = await client.query(`select datname from pg_database where datname like $1`, [`template_${NAME}_%`]);
    for (const { datname } of rows) await client.query(`drop database "${datname}" with (force)`);
  });
});

describe('a test database', () => {
  test('is migrated once, however many ask at the same time', async () => {
    const databases = await Promise.all([create(), create(), create()]);
    expect(migrations).toBe(1);
    expect(new Set(databases.map(({ url }) => url)).size).toBe(3);
  });

  test('holds the schema and is nobody else’s', async () => {
    const [one, two] = await Promise.all([create(), create()]);
    await query(one.url, (client) => client.query(`insert into things values ('mine')`));
    expect(await query(two.url, async (client) => (await client.query('select * from things')).rows)).toEqual([]);
  });

  test('of another version is migrated anew', async () => {
    const before = migrations;
    await create(`${version}-next`);
    expect(migrations).toBe(before + 1);
  });

  test('is not cloned from a migration that failed half-way', async () => {
    const broken = async (url: string) => {
      await migrate(url);
      throw new Error('half-way');
    };
    const options = { name: NAME, version: `${version}-broken` };
    await expect(createTestDatabase({ ...options, migrate: broken })).rejects.toThrow('half-way');
    const database = await createTestDatabase({ ...options, migrate });
    opened.push(database);
    expect(await query(database.url, async (client) => (await client.query('select * from things')).rows)).toEqual([]);
  });

  test('is dropped although somebody is still connected', async () => {
    const { url, drop } = await createTestDatabase({ name: NAME, version, migrate });
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    await drop();
    await expect(query(url, (other) => other.query('select 1'))).rejects.toMatchObject({ code: '3D000' });
  });
});

test('a prefix belongs to one suite', () => {
  expect(testPrefix()).toMatch(/^test:[0-9a-f]{16}:$/);
  expect(testPrefix()).not.toBe(testPrefix());
});

async function migrate(url: string): Promise<void> {
  migrations += 1;
  await query(url, (client) => client.query('create table things (name text)'));
}

async function query<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
