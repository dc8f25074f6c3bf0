import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Layout, prepareLayout, removeLayout, resolveLayout } from '../layout.ts';
import { findFreePort, LOOPBACK } from '../ports.ts';
import { isRunning } from '../processes.ts';
import { query } from '../query.ts';
import type { StoreUser } from '../store-user.ts';
import { postgresProcesses } from './leftovers.ts';
import { type PostgresOptions, type RunningPostgres, startPostgres } from './server.ts';

const SLOW_MS = 60_000;
let layout: Layout;
let user: StoreUser | undefined;
let running: RunningPostgres | undefined;

beforeAll(() => {
  layout = resolveLayout({ ephemeralPrefix: 'tessera-suite-' });
  user = prepareLayout(layout);
});
afterEach(() => running?.stop());
afterAll(() => removeLayout(layout));

async function start(changes: Partial<PostgresOptions> = {}): Promise<RunningPostgres> {
  const { checkout, cacheDir, postgresDir } = layout;
  running = await startPostgres({
    dataDir: postgresDir,
    port: 0,
    logFile: join(layout.logsDir, 'postgres.log'),
    adminPassword: 'first',
    checkout,
    cacheDir,
    user,
    isDurable: false,
    ...changes,
  });
  return running;
}

test(
  'keeps its data between runs and leaves no process or pid file',
  async () => {
    const first = await start();
    await query(first.adminUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(isRunning(first.pid)).toBe(false);
    expect(postgresProcesses(layout.postgresDir)).toEqual([]);
    expect(existsSync(join(layout.postgresDir, 'postmaster.pid'))).toBe(false);
    expect(existsSync(`${layout.postgresDir}.lock`)).toBe(false);

    const second = await start();
    expect(await query(second.adminUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  },
  SLOW_MS,
);

test(
  'is durable unless told otherwise, and listens on the loopback interface only',
  async () => {
    const { adminUrl, version } = await start({ isDurable: true });
    const settings = `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'unix_socket_directories', 'max_connections', 'password_encryption')`;

    expect(version).toMatch(/^18\./);
    expect(Object.fromEntries((await query(adminUrl, settings)).map(({ name, setting }) => [name, setting]))).toEqual({
      ...{ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', listen_addresses: LOOPBACK },
      ...{ unix_socket_directories: '', max_connections: '200', password_encryption: 'scram-sha-256' },
    });
    expect(
      await query(
        adminUrl,
        "SELECT datcollate, datlocale, pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = 'postgres'",
      ),
    ).toEqual([{ datcollate: 'C', datlocale: 'C.UTF-8', encoding: 'UTF8' }]);
  },
  SLOW_MS,
);

test(
  'takes the next free port when the wanted one is taken, and says so',
  async () => {
    const taken = await listen(await findFreePort(41_000));
    const port = portOf(taken);
    const messages: string[] = [];
    const { port: used } = await start({ port, report: (message) => messages.push(message) });
    taken.close();

    expect(used).toBeGreaterThan(port);
    expect(messages.join()).toContain(`port ${port} is taken, using ${used}`);
  },
  SLOW_MS,
);

test(
  'refuses a second start on the same data while the first lives',
  async () => {
    const { adminUrl } = await start();
    const first = running;

    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
    expect(await query(adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    running = first;
  },
  SLOW_MS,
);

test(
  'starts despite a pid file that names somebody else',
  async () => {
    await (await start()).stop();
    writeFileSync(join(layout.postgresDir, 'postmaster.pid'), `${process.pid}\n${layout.postgresDir}\n1\n5432\n\n${LOOPBACK}\n\nready\n`);
    const { adminUrl } = await start();

    expect(await query(adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  },
  SLOW_MS,
);

test(
  'tells of a crash, recovers at the next start',
  async () => {
    const { crashed, pid, stop, adminUrl } = await start();
    await query(adminUrl, 'CREATE TABLE committed AS SELECT 1 AS one');
    process.kill(pid, 'SIGKILL');
    expect(await crashed).toBe('signal SIGKILL');
    await stop();
    expect(postgresProcesses(layout.postgresDir)).toEqual([]);

    expect(await query((await start()).adminUrl, 'SELECT one FROM committed')).toEqual([{ one: 1 }]);
  },
  SLOW_MS,
);

test(
  'says what to do when the secrets do not belong to the data, and leaves nothing running',
  async () => {
    await (await start()).stop();
    await expect(start({ adminPassword: 'second' })).rejects.toMatchObject({
      code: 'POSTGRES_PASSWORD_MISMATCH',
      message: expect.stringContaining('npm run reset'),
    });
    expect(postgresProcesses(layout.postgresDir)).toEqual([]);
  },
  SLOW_MS,
);

test(
  'leaves a folder alone that holds other things',
  async () => {
    const dataDir = join(layout.dataDir, 'holiday-pictures');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'beach.jpg'), '');

    await expect(start({ dataDir })).rejects.toMatchObject({ code: 'POSTGRES_INIT_FAILED' });
    expect(existsSync(join(dataDir, 'beach.jpg'))).toBe(true);
  },
  SLOW_MS,
);

test('refuses data of another major version', async () => {
  const dataDir = join(layout.dataDir, 'old');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'PG_VERSION'), '12\n');

  await expect(start({ dataDir })).rejects.toMatchObject({ code: 'POSTGRES_VERSION_MISMATCH' });
});

test('says how to install missing binaries', async () => {
  await expect(start({ checkout: layout.dataDir })).rejects.toMatchObject({
    code: 'POSTGRES_BINARIES_MISSING',
    message: expect.stringContaining('npm ci'),
  });
});

function listen(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(port, LOOPBACK, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
