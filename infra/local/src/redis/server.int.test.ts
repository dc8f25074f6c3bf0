import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type Layout, prepareLayout, removeLayout, resolveLayout } from '../layout.ts';
import { findFreePort, LOOPBACK } from '../ports.ts';
import { isRunning } from '../processes.ts';
import type { StoreUser } from '../store-user.ts';
import { redisProcesses } from './leftovers.ts';
import { type RunningRedis, startRedis } from './server.ts';

const SLOW_MS = 90_000;
let layout: Layout;
let user: StoreUser | undefined;
let running: RunningRedis | undefined;

beforeAll(() => {
  layout = resolveLayout({ ephemeralPrefix: 'tessera-suite-' });
  user = prepareLayout(layout);
});
afterEach(() => running?.stop());
afterAll(() => removeLayout(layout));

async function start(port = 0, report = (_: string) => {}): Promise<RunningRedis> {
  running = await startRedis({
    dataDir: layout.redisDir,
    port,
    logFile: join(layout.logsDir, 'redis.log'),
    password: 'secret',
    cacheDir: layout.cacheDir,
    user,
    report,
  });
  return running;
}

async function using<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

test(
  'keeps its data between runs and leaves no process',
  async () => {
    const first = await start();
    await using(first.url, (client) => client.set('kept', '42'));
    await first.stop();
    expect(isRunning(first.pid)).toBe(false);
    expect(redisProcesses(layout.redisDir)).toEqual([]);
    expect(existsSync(`${layout.redisDir}.lock`)).toBe(false);

    const second = await start();
    expect(await using(second.url, (client) => client.get('kept'))).toBe('42');
  },
  SLOW_MS,
);

test(
  'appends to disk every second, evicts nothing, is bounded and knows streams',
  async () => {
    const { url } = await start();
    const read = (name: string) => using(url, async (client) => ((await client.config('GET', name)) as string[])[1]); // Pairs of name and value.

    expect(await read('appendonly')).toBe('yes');
    expect(await read('appendfsync')).toBe('everysec');
    expect(await read('maxmemory-policy')).toBe('noeviction');
    expect(await read('maxmemory')).toBe(String(256 * 1024 * 1024));
    expect(await read('bind')).toBe(LOOPBACK);
    expect(await using(url, (client) => client.xgroup('CREATE', 'events', 'group', '$', 'MKSTREAM'))).toBe('OK');
  },
  SLOW_MS,
);

test(
  'refuses clients without the password, which no process list shows',
  async () => {
    const { url, pid } = await start();
    await expect(using(url.replace(':secret@', ''), (client) => client.get('kept'))).rejects.toThrow(/NOAUTH/);

    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('secret');
    expect(statSync(join(layout.redisDir, 'redis.conf')).mode & 0o777).toBe(0o600);
  },
  SLOW_MS,
);

test(
  'takes the next free port when the wanted one is taken, and says so',
  async () => {
    const port = await findFreePort(42_000);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(port, LOOPBACK, resolve));
    const messages: string[] = [];
    const { port: used } = await start(port, (message) => messages.push(message));
    taken.close();

    expect(used).toBeGreaterThan(port);
    expect(messages.join()).toContain(`port ${port} is taken, using ${used}`);
  },
  SLOW_MS,
);

test(
  'refuses a second start on the same data while the first lives',
  async () => {
    const first = await start();

    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
    running = first;
  },
  SLOW_MS,
);

test(
  'tells of a crash and recovers what was appended',
  async () => {
    const { url, pid, crashed, stop } = await start();
    await using(url, (client) => client.set('appended', '1'));
    process.kill(pid, 'SIGKILL');
    expect(await crashed).toBe('signal SIGKILL');
    await stop();

    expect(await using((await start()).url, (client) => client.get('appended'))).toBe('1');
  },
  SLOW_MS,
);
