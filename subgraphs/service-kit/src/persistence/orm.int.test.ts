import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Migration } from '@mikro-orm/migrations';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { afterCommit, afterEnd, createOrm, isConnectionError, type MikroORM, rawSql, runMigrations, transaction } from './index.ts';

const POOL_SIZE = 2;
const DIE = 'select pg_terminate_backend(pg_backend_pid())';

describe('the pool of the mapper', () => {
  let database: TestDatabase;
  let orm: MikroORM;
  beforeAll(async () => {
    database = await createTestDatabase({ name: 'kit_orm', version: 'empty', migrate: async () => undefined });
  });
  beforeEach(() => {
    orm = createOrm({ databaseUrl: database.url, entities: [], migrations: [], poolSize: POOL_SIZE });
  });
  afterEach(() => orm.close());
  afterAll(() => database.drop());

  const one = () => rawSql(orm.em, 'select 1 as one');
  const lose = (how: string) =>
    transaction(orm.em, async (em) => {
      await rawSql(em, how);
      await sleep(150);
      await rawSql(em, 'select 1');
    }).catch((error: unknown) => error);

  it.each([
    ['was terminated', DIE],
    ['was idle in a transaction for too long', `set local idle_in_transaction_session_timeout = '50ms'`],
  ])('MUST survive more transactions whose connection %s than it has connections', async (_title, how) => {
    for (let round = 0; round <= POOL_SIZE; round += 1) expect(isConnectionError(await lose(how))).toBe(true);
    expect(await one()).toEqual([{ one: 1 }]);
  });

  it('survives a connection that is lost outside a transaction, and one that is lost while idle', async () => {
    for (let round = 0; round <= POOL_SIZE; round += 1)
      expect(isConnectionError(await rawSql(orm.em, DIE).catch((error: unknown) => error))).toBe(true);
    await sleep(50);
    const [{ pid } = { pid: 0 }] = await rawSql<{ pid: number }>(orm.em, 'select pg_backend_pid() as pid');
    const other = createOrm({ databaseUrl: database.url, entities: [], migrations: [] });
    await rawSql(other.em, 'select pg_terminate_backend($1)', [pid]);
    await other.close();
    await sleep(50);
    expect(await one()).toEqual([{ one: 1 }]);
  });

  it('MUST wait for a transaction that is under way when it is closed, and begin no other', async () => {
    const slow = transaction(orm.em, async (em) => {
      await rawSql(em, 'select pg_sleep(0.2)');
      return rawSql(em, 'select 1 as one');
    });
    await sleep(50);
    const closed = orm.close();
    await expect(transaction(orm.em, (em) => rawSql(em, 'select 1'))).rejects.toThrow('being closed');
    await expect(Promise.race([closed.then(() => 'closed'), sleep(5_000, 'still open', { ref: false })])).resolves.toBe('closed');
    expect(await slow).toEqual([{ one: 1 }]);
  });

  it('MUST not run committed work again because something after the commit failed', async () => {
    let runs = 0;
    const failing = transaction(orm.em, async (em) => {
      runs += 1;
      await rawSql(em, 'select 1');
      afterCommit(em, () => {
        throw Object.assign(new Error('afterwards'), { code: '40001' });
      });
    });
    await expect(failing).rejects.toThrow('afterwards');
    expect(runs).toBe(1);
  });

  it('tells of the end of each attempt, and of none whose commit may have arrived', async () => {
    const told: string[] = [];
    const attempt = (name: string, work: (em: Parameters<typeof afterEnd>[0]) => Promise<unknown>) =>
      transaction(orm.em, async (em) => {
        afterCommit(em, () => told.push(`${name} committed`));
        afterEnd(em, () => told.push(`${name} ended`));
        await work(em);
      }).catch(() => undefined);
    await attempt('sound', () => one());
    await attempt('faulty', () => Promise.reject(new Error('not this one')));
    await attempt('lost before its commit', (em) => rawSql(em, DIE));
    await attempt('lost at its commit', async (em) => {
      await rawSql(em, `set local idle_in_transaction_session_timeout = '50ms'`);
      await sleep(150);
    });
    expect(told).toEqual(['sound ended', 'sound committed', 'faulty ended', 'lost before its commit ended']);
  });

  it('closes although a connection was lost in a transaction', async () => {
    await lose(DIE);
    await expect(Promise.race([orm.close().then(() => 'closed'), sleep(2_000, 'still open')])).resolves.toBe('closed');
  });

  it('fails instead of waiting for ever for a free connection', async () => {
    const held = Array.from({ length: POOL_SIZE }, () => transaction(orm.em, () => sleep(6_500)));
    await sleep(100);
    const error = await one().catch((each: unknown) => each);
    expect([isConnectionError(error), String(error)]).toEqual([true, expect.stringContaining('timeout exceeded')]);
    await Promise.all(held);
  });

  it('keeps the bounds of statements, locks and idle transactions, and waits for the disk whatever the database says', async () => {
    const careless = `execute format('alter database %I set synchronous_commit = off', current_database())`;
    const other = createOrm({ databaseUrl: database.url, entities: [], migrations: [] });
    await rawSql(other.em, `do $$ begin ${careless}; end $$`);
    await other.close();
    const setting = (name: string) => `current_setting('${name}')`;
    const [bounds] = await rawSql(
      orm.em,
      `select ${['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'synchronous_commit'].map((name) => `${setting(name)} as ${name}`).join(', ')}`,
    );
    const waits = { statement_timeout: '3s', lock_timeout: '2500ms', idle_in_transaction_session_timeout: '10s' };
    expect(bounds).toEqual({ ...waits, synchronous_commit: 'on' });
  });
});

describe('the URL of the database', () => {
  it('MUST not connect in plain text where it asks for TLS', async () => {
    const database = await createTestDatabase({ name: 'kit_orm', version: 'empty', migrate: async () => undefined });
    const url = new URL(database.url);
    url.searchParams.set('sslmode', 'require');
    const orm = createOrm({ databaseUrl: url.href, entities: [], migrations: [] });
    const seen = await rawSql<{ ssl: boolean }>(orm.em, 'select ssl from pg_stat_ssl where pid = pg_backend_pid()').catch(() => 'refused');
    expect(seen === 'refused' || seen).not.toEqual([{ ssl: false }]);
    await orm.close();
    await database.drop();
  });
});

describe('a migration', () => {
  it('may take longer than a statement of a request, and holds its transaction as one', async () => {
    class Slow extends Migration {
      override up(): void {
        this.addSql('create table slow (id integer primary key)');
        this.addSql('select pg_sleep(0.6)');
      }
    }
    const database = await createTestDatabase({ name: 'kit_orm', version: 'empty', migrate: async () => undefined });
    const options = { databaseUrl: database.url, entities: [], migrations: [{ name: 'slow-0001', class: Slow }], statementTimeoutMs: 300 };
    const processes = [createOrm(options), createOrm(options)];
    await Promise.all(processes.map(runMigrations));
    const [orm] = processes as [MikroORM];
    expect(await rawSql(orm.em, 'select name from schema_migrations')).toEqual([{ name: 'slow-0001' }]);
    expect(await rawSql(orm.em, 'select id from slow')).toEqual([]);
    await Promise.all(processes.map((each) => each.close()));
    await database.drop();
  });

  it('MUST be a commit of its own: what came before it stays when it fails, and the next start goes on from there', async () => {
    class Before extends Migration {
      override up(): void {
        this.addSql('create table before (id integer primary key)');
      }
    }
    class Fails extends Migration {
      override up(): void {
        this.addSql('create table half (id integer primary key)');
        this.addSql('select 1 / 0');
      }
    }
    class Mended extends Migration {
      override up(): void {
        this.addSql('create table half (id integer primary key)');
      }
    }
    const database = await createTestDatabase({ name: 'kit_orm', version: 'empty', migrate: async () => undefined });
    const open = (second: typeof Fails) => {
      const migrations = [
        { name: 'kit-0001', class: Before },
        { name: 'kit-0002', class: second },
      ];
      return createOrm({ databaseUrl: database.url, entities: [], migrations });
    };
    const processes = [open(Fails), open(Mended), open(Mended)];
    const [failing, ...mended] = processes as [MikroORM, MikroORM, MikroORM];
    await expect(runMigrations(failing)).rejects.toThrow('division by zero');
    expect(await rawSql(failing.em, 'select name from schema_migrations')).toEqual([{ name: 'kit-0001' }]);
    expect(await rawSql(failing.em, `select to_regclass('before')::text as before, to_regclass('half') as half`)).toEqual([
      { before: 'before', half: null },
    ]);
    await Promise.all(mended.map(runMigrations));
    expect(await rawSql(failing.em, 'select name from schema_migrations order by id')).toEqual([
      { name: 'kit-0001' },
      { name: 'kit-0002' },
    ]);
    await Promise.all(processes.map((each) => each.close()));
    await database.drop();
  });
});
