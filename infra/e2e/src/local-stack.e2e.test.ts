import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { descendantsOf, isRunning, query, SEED_ACCOUNTS, waitUntil } from '@tessera/local';
import { send } from './graph/ask.ts';
import { logIn, register } from './graph/people.ts';
import { dataDirOf, launchPlatform, type Platform, platformAt, type StartedPlatform, startPlatform } from './platform/platform.ts';
import { runTool } from './platform/run-tool.ts';

const ENDED_WITHIN_MS = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'tessera-e2e-'));
const dataDir = join(folder, 'data');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The launcher and everything that it has started. */
function everythingOf({ process: { pid } }: StartedPlatform): number[] {
  return [pid, ...descendantsOf(pid)];
}

const allEnded = (pids: readonly number[]) => waitUntil(() => !pids.some(isRunning), ENDED_WITHIN_MS);

describe('a stack with data that are kept', () => {
  let taken: Server;
  let started: StartedPlatform;
  let platform: Platform;
  const tool = (program: string, ...options: readonly string[]) => runTool(program, '--data-dir', dataDir, ...options);

  beforeAll(async () => {
    taken = await listen();
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const kept = await launchPlatform({ options: ['--port', String(port), '--data-dir', dataDir, '--no-seed'] });
    await kept.prints(/^Tessera is ready: /m, 150_000);
    started = { process: kept, platform: platformAt(dataDir) };
    platform = started.platform;
  }, 160_000);

  afterAll(async () => {
    taken?.close();
    await started?.process.end();
  });

  test('takes the next free port where the wanted one is taken, and says so', () => {
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(new URL(platform.url).port).not.toBe(String(port));
    expect(started.process.output()).toMatch(
      new RegExp(`Port ${port} is taken by another program, so the gateway listens on ${new URL(platform.url).port}`),
    );
  });

  test('refuses a second start on the same data, naming the process that has them', async () => {
    const second = await launchPlatform({ options: ['--port', '0', '--data-dir', dataDir] });
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(new RegExp(`is in use by process ${started.process.pid}`));
    expect(second.output()).not.toMatch(/^ +at /m);
  });

  test('gives each service a database that no other one can enter, and nobody but its service can change', async () => {
    const { databases, verifyUrls } = platform;
    for (const [service, url] of Object.entries(databases)) {
      for (const other of Object.keys(databases).filter((name) => name !== service)) {
        const foreign = new URL(url);
        foreign.pathname = `/${other}`;
        await expect(query(foreign.href, 'select 1')).rejects.toThrow(/permission denied for database/);
      }
      await expect(query(verifyUrls[service] ?? '', 'delete from outbox')).rejects.toThrow(/permission denied|read-only/);
    }
  });

  test('prints a signed identity with which a subgraph answers', async () => {
    const { exitCode, output } = await runTool(
      'infra/local/src/token.ts',
      '--data-dir',
      dataDir,
      '--role',
      'ADMIN',
      '--user',
      'usr_01jd0000000000000000000000',
    );
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'tessera-identity': output.trim() },
      body: '{"query":"{ users(first: 1) { totalCount } }"}',
    };
    expect(exitCode).toBe(0);
    expect((await send(`${platform.subgraphs.users}/graphql`, request)).data).toEqual({ users: { totalCount: 0 } });
  });

  test('is seeded by hand, and seeding it again changes nothing', async () => {
    const count = async () => {
      const counted = await Promise.all([
        query(platform.verifyUrls.users ?? '', 'select count(*) from users'),
        query(platform.verifyUrls.catalog ?? '', 'select count(*) from products'),
        query(platform.verifyUrls.orders ?? '', 'select count(*), sum(on_hand) from stock_items'),
        query(platform.verifyUrls.orders ?? '', 'select count(*) from units'),
        query(platform.verifyUrls.ledger ?? '', 'select count(*) from transfers'),
      ]);
      return counted.flat();
    };
    expect((await tool('infra/local/src/seed.ts')).exitCode).toBe(0);
    const first = await count();
    expect((await tool('infra/local/src/seed.ts')).exitCode).toBe(0);

    expect(first[0]).toEqual({ count: String(SEED_ACCOUNTS.length) });
    expect(Number(first[1]?.count)).toBeGreaterThanOrEqual(60);
    expect(await count()).toEqual(first);
  });

  test('lists the events of its services', async () => {
    const { exitCode, output } = await runTool('infra/local/src/events.ts', 'list', '--data-dir', dataDir);
    expect(exitCode).toBe(0);
    for (const service of ['users', 'catalog', 'orders', 'payments', 'ledger']) expect(output).toMatch(new RegExp(`^${service}:`, 'm'));
    expect(output).toMatch(/UserRegistered/);
    const dead = await runTool('infra/local/src/events.ts', 'list', '--dead', '--data-dir', dataDir);
    expect(dead.output.match(/: nothing/g)).toHaveLength(5);
  });

  test('is proved by verify', async () => {
    const { exitCode, output } = await tool('infra/verify/src/main.ts');
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/\bI1\b/)]);
  });

  test('recovers by itself after kill -9 of the launcher, with all its data', async () => {
    const person = await register(platform);
    const orphans = everythingOf(started);
    started.process.signal('SIGKILL');
    await started.process.ended;
    started = await startPlatform({ options: ['--data-dir', dataDir, '--no-seed'] });
    platform = started.platform;

    expect(await allEnded(orphans)).toBe(true);
    expect((await logIn(person, platform)).id).toBe(person.id);
    expect((await tool('infra/verify/src/main.ts')).exitCode).toBe(0);
  });

  test('ends everything at Ctrl-C, and keeps its data', async () => {
    const all = everythingOf(started);
    expect(all.length).toBeGreaterThan(4); // PostgreSQL and its workers, Redis
    started.process.signal('SIGINT');

    expect(await started.process.ended).toBe(0);
    expect(await allEnded(all)).toBe(true);
    expect(existsSync(join(dataDir, 'secrets.json'))).toBe(true);
    expect(existsSync(join(dataDir, 'stack.json'))).toBe(false);
    expect(readdirSync(dataDir)).not.toContain('stack.lock');
  });
});

describe('an ephemeral stack', () => {
  test('leaves nothing behind at SIGTERM', async () => {
    const started = await startPlatform({ options: ['--ephemeral', '--no-seed'] });
    const all = everythingOf(started);
    expect(dataDirOf(started.process.output())).toMatch(/tessera-run-/);
    started.process.signal('SIGTERM');

    expect(await started.process.ended).toBe(0);
    expect(await allEnded(all)).toBe(true);
    expect(existsSync(started.platform.dataDir)).toBe(false);
  });

  test('with a key of Stripe and no secret for its webhooks says so in one line, and leaves nothing behind', async () => {
    const kept = await launchPlatform({ options: ['--port', '0', '--ephemeral'], environment: { STRIPE_SECRET_KEY: 'sk_test_of_nobody' } });
    expect(await kept.ended).toBe(1);
    expect(kept.output()).toMatch(/^ *payments cannot start: STRIPE_WEBHOOK_SECRET is missing.*$/m);
    expect(kept.output()).not.toMatch(/^ +at |npm run doctor/m);
    expect(kept.output()).not.toContain('sk_test_of_nobody');
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`tessera-run-${kept.pid}-`))).toEqual([]);
  });

  test('that is stopped while it starts leaves nothing behind either', async () => {
    const kept = await launchPlatform({ options: ['--port', '0', '--ephemeral'] });
    await kept.prints(/Stores +\d/, 60_000);
    const all = [kept.pid, ...descendantsOf(kept.pid)];
    kept.signal('SIGTERM');

    expect(await kept.ended).toBe(0);
    expect(await allEnded(all)).toBe(true);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`tessera-run-${kept.pid}-`))).toEqual([]);
  });
});

function listen(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
