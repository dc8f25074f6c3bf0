import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';

/** An admin role's URL of a PostgreSQL that tests may create databases in. */
const POSTGRES_VARIABLE = 'TESSERA_TEST_POSTGRES_URL';
const REDIS_VARIABLE = 'TESSERA_TEST_REDIS_URL';
const ADMIN_TIMEOUT_MS = 60_000;
const NAME = /^[a-z][a-z0-9_]{0,29}$/;

export interface TestDatabaseOptions {
  /** What the schema belongs to, such as `orders`: lower case, digits and `_`. */
  readonly name: string;
  /** Changes whenever the schema does. Source texts of the migrations are safe; their names miss an edited one. */
  readonly version: string;
  /** Brings an empty database to the expected schema, and closes its connections. */
  readonly migrate: (databaseUrl: string) => Promise<void>;
}

export interface TestDatabase {
  /** Of the admin role. */
  readonly url: string;
  /** Also when connections are still open. */
  drop(): Promise<void>;
}

/**
 * A database of a suite's own: a clone of a template which is migrated once per version, however many suites and workers ask. Drop it in
 * `afterAll`.
 */
export async function createTestDatabase({ name, version, migrate }: TestDatabaseOptions): Promise<TestDatabase> {
  if (!NAME.test(name)) throw new Error(`Not a usable name of a test database: ${name}`);
  const template = `template_${name}_${createHash('sha256').update(version).digest('hex').slice(0, 16)}`;
  const database = `test_${name}_${randomBytes(8).toString('hex')}`;
  await withAdmin(async (admin) => {
    await admin.query('select pg_advisory_lock(hashtextextended($1, 0))', [template]);
    await ensureTemplate(admin, template, migrate);
    await admin.query(`create database "${database}" template "${template}"`);
  });
  return {
    url: urlOfDatabase(database),
    drop: () => withAdmin((admin) => dropDatabase(admin, database)),
  };
}

/** The Redis of the tests, which they share: give every key the prefix of `testPrefix`. */
export function testRedisUrl(): string {
  return required(REDIS_VARIABLE, 'redis://127.0.0.1:6379/6');
}

/** Starts the keys of one suite, and of no other: `test:4f1c…:`. */
export function testPrefix(): string {
  return `test:${randomBytes(8).toString('hex')}:`;
}

/** The template gets its name once it is complete, so a half-migrated one is never cloned. The caller holds the lock of the template. */
async function ensureTemplate(admin: pg.Client, template: string, migrate: TestDatabaseOptions['migrate']): Promise<void> {
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [template]);
  if (rowCount) return;

  const unfinished = `${template}_new`;
  await dropDatabase(admin, unfinished);
  await admin.query(`create database "${unfinished}" template template0`);
  await migrate(urlOfDatabase(unfinished));
  await admin.query(`alter database "${unfinished}" allow_connections false`);
  await admin.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [unfinished]);
  await admin.query(`alter database "${unfinished}" rename to "${template}"`);
}

async function dropDatabase(admin: pg.Client, database: string): Promise<void> {
  await admin.query(`drop database if exists "${database}" with (force)`);
}

/** Closing the connection also gives back the advisory lock. */
async function withAdmin(work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const connectionString = required(POSTGRES_VARIABLE, 'postgres://postgres@127.0.0.1:5432/postgres');
  const admin = new pg.Client({ connectionString, statement_timeout: ADMIN_TIMEOUT_MS, connectionTimeoutMillis: ADMIN_TIMEOUT_MS });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

function urlOfDatabase(database: string): string {
  const url = new URL(required(POSTGRES_VARIABLE, 'postgres://postgres@127.0.0.1:5432/postgres'));
  url.pathname = `/${database}`;
  return url.href;
}

function required(variable: string, example: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`Tests with stores need ${variable}, such as ${example}.`);
  return value;
}
