import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { holdPlaced, holdResolved, type PostRequest, type Submission } from '@tessera/ledger';
import { newId } from '@tessera/service-kit/ids';
import { Client } from 'pg';
import { eventLogChecks, ledgerOwnChecks, verify } from '../src/verify.ts';
import { newestSeal, type Window, windowSinceSeal, windowSinceTime } from '../src/window.ts';
import { ledgerTampers } from './ledger-tampers.ts';
import { inUndone, openStores, type Stores } from './stores.ts';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;
type Leg = PostRequest['legs'][number];

let stores: Stores;
let window: Window;
const [rich, poor] = [newId('user'), newId('user')];
let wallets: readonly [string, string];
beforeAll(async () => {
  stores = await openStores();
  wallets = [await fund(rich), await fund(poor)];
  await everyKindOfFact('before');
  await seal();
  const before = await sql((client) => newestSeal(askOf(client)));
  await everyKindOfFact('after');
  window = await sql((client) => windowSinceSeal(askOf(client), before?.ordinal ?? ''));
  await publish();
});
afterAll(() => stores.close());

describe('the checks of the ledger', () => {
  it('prove healthy books in one pass: no check asks who is wrong where nobody is', async () => {
    await sql(async (client) => {
      for (const check of ledgerOwnChecks) {
        const asked: string[] = [];
        const ask = async (_service: string, text: string) => {
          asked.push(text);
          return (await client.query(text)).rows;
        };
        expect([check.id, await check.run(ask, 10)]).toEqual([check.id, []]);
        if (asked.some((text) => text.includes('as holds')))
          expect([check.id, asked.length]).toEqual([check.id, check.id === 'hash-chain' ? 3 : 1]);
      }
    });
  });

  it('hold for a window that follows from what was before it', async () => {
    expect(await sql((client) => redOf(askOf(client), window))).toEqual([]);
    const [{ inside, outside } = { inside: 0, outside: 0 }] = await sql(
      async (client) =>
        (
          await client.query<{ inside: number; outside: number }>(
            `select count(*) filter (where batch_id >= $1)::int as inside, count(*) filter (where batch_id < $1)::int as outside from transfers`,
            [window.fromBatch],
          )
        ).rows,
    );
    expect([inside > 5, outside > 5]).toEqual([true, true]);
  });

  it.each(ledgerTampers.map((tamper) => [tamper.how, tamper] as const))(
    'MUST notice, by a full pass: %s',
    async (_how, { sql: tamper, full }) => {
      await inUndone(stores.urls, async (ask, plant) => {
        for (const statement of tamper) await plant('ledger', statement);
        expect(await redOf(ask, null)).toEqual(full);
      });
    },
  );

  it.each(ledgerTampers.map((tamper) => [tamper.how, tamper] as const))(
    'MUST notice, where it is in the window, by a pass since a seal: %s',
    async (_how, { sql: tamper, since }) => {
      await inUndone(stores.urls, async (ask, plant) => {
        for (const statement of tamper) await plant('ledger', statement);
        expect(await redOf(ask, window)).toEqual(since);
      });
    },
  );

  it('find the window by an instant too', async () => {
    const [first, none] = await sql(async (client) => [
      await windowSinceTime(askOf(client), new Date(0)),
      await windowSinceTime(askOf(client), new Date(Date.now() + 86_400_000)),
    ]);
    expect(Number(first?.fromBatch)).toBeLessThan(Number(window.fromBatch));
    expect(none).toMatchObject({ fromTime: 'infinity' });
  });
});

describe('verify of a live ledger', () => {
  it('MUST hold while transfers run, and hold nobody up', async () => {
    const kinds: string[] = [];
    let isRunning = true;
    const load = Array.from({ length: 8 }, async () => {
      while (isRunning) kinds.push((await submit([move(1n)])).outcome.kind);
    });
    for (let pass = 0; pass < 4; pass += 1) {
      const report = await verify(stores.urls, pass % 2 === 0 ? {} : { since: { kind: 'SEAL', ordinal: '1', chain: null } });
      expect(report.checks.flatMap(({ violations }) => violations)).toEqual([]);
    }
    isRunning = false;
    await Promise.all(load);
    expect(kinds.length).toBeGreaterThan(50);
    expect(new Set(kinds)).toEqual(new Set(['POSTED']));
    await publish();
  });
});

describe('the command', () => {
  let folder: string;
  let environment: Record<string, string>;
  const role = `verify_${randomUUID().slice(0, 8)}`;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'verify-ledger-'));
    await seal();
    await publish();
    const password = randomUUID();
    await sql((client) => client.query(`create role ${role} login password '${password}'`));
    // The grants that the README names.
    for (const url of new Set(Object.values(stores.urls)))
      await sql(
        (client) => client.query(`grant usage on schema public to ${role}; grant select on all tables in schema public to ${role}`),
        url,
      );
    const asReader = (url: string): string => Object.assign(new URL(url), { username: role, password }).href;
    environment = Object.fromEntries(
      Object.entries(stores.urls).map(([service, url]) => [`VERIFY_${service.toUpperCase()}_DATABASE_URL`, asReader(url)]),
    );
  });
  afterAll(async () => {
    for (const url of new Set(Object.values(stores.urls))) await sql((client) => client.query(`drop owned by ${role}`), url);
    await sql((client) => client.query(`drop role ${role}`));
    rmSync(folder, { recursive: true });
  });

  it('proves everything as a role that can only select, and says line by line how far it is', async () => {
    const { code, stdout, stderr } = await run([]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('the whole ledger, sealed up to seal:')]);
    expect(stderr).toContain('counters-fold ok');
    const reader = new Client({ connectionString: environment.VERIFY_LEDGER_DATABASE_URL });
    await reader.connect();
    await expect(reader.query('update accounts set is_closed = true')).rejects.toMatchObject({ code: '42501' });
    await reader.end();
  });

  it('goes on from a checkpoint, and proves everything with --full', async () => {
    const file = join(folder, 'checkpoint');
    expect(JSON.parse((await run(['--json', '--checkpoint', file])).stdout)).toMatchObject({ isOk: true, ledger: { mode: 'full' } });
    const noted = await sql((client) => newestSeal(askOf(client)));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(noted);
    const second = JSON.parse((await run(['--json', '--checkpoint', file])).stdout) as { checks: { id: string }[] };
    expect(second).toMatchObject({ isOk: true, ledger: { mode: 'since' } });
    expect(second.checks.map(({ id }) => id)).toContain('seal-still-there');
    expect(JSON.parse((await run(['--json', '--full', '--checkpoint', file])).stdout)).toMatchObject({
      isOk: true,
      ledger: { mode: 'full' },
    });
  });

  it('MUST notice by the checkpoint that the whole chain was written anew', async () => {
    const file = join(folder, 'anchor');
    writeFileSync(file, `${JSON.stringify({ ordinal: '1', chain: 'ab'.repeat(32) })}\n`);
    const { code, stdout } = await run(['--json', '--checkpoint', file]);
    const { checks } = JSON.parse(stdout) as { checks: { id: string; isOk: boolean }[] };
    expect([code, checks.filter(({ isOk }) => !isOk).map(({ id }) => id)]).toEqual([1, ['seal-still-there']]);
    expect(readFileSync(file, 'utf8')).toContain('abab'); // what did not hold is no point to go on from
  });

  it.each([
    ['--since', 'yesterday'],
    ['--since', '2999-01-01'],
    ['--since', 'seal:-1'],
    ['--since', '1', '--full'],
  ])('exits 2 for what it does not understand: %s %s', async (...more) => {
    expect(await run(more)).toMatchObject({ code: 2, stderr: expect.stringContaining('--since') });
  });

  it('exits 2 before it proves anything when the checkpoint cannot be written', async () => {
    const file = join(folder, 'missing', 'checkpoint');
    const { code, stdout, stderr } = await run(['--checkpoint', file]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^verify cannot run: .*missing.checkpoint cannot be written: ENOENT.*\n$/);
  });

  it('exits 2 when a checkpoint is none', async () => {
    const file = join(folder, 'broken');
    writeFileSync(file, '{}');
    expect(await run(['--checkpoint', file])).toMatchObject({ code: 2, stderr: expect.stringContaining('is no checkpoint') });
  });

  function run(more: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const { PATH = '' } = process.env;
    return new Promise((resolve) => {
      execFile(process.execPath, [MAIN, '--data-dir', folder, ...more], { env: { PATH, ...environment } }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      );
    });
  }
});

async function redOf(ask: Parameters<(typeof ledgerOwnChecks)[number]['run']>[0], of: Window | null): Promise<string[]> {
  const red: string[] = [];
  for (const check of [...ledgerOwnChecks, ...eventLogChecks('ledger')])
    if ((await check.run(ask, 10, { window: of })).length > 0) red.push(check.id);
  return red;
}

/** A transfer, a linked group, a refusal of one, holds that are open, posted in part, voided, and a reversal. */
async function everyKindOfFact(when: string): Promise<void> {
  const holdIdOf = ({ outcome }: Awaited<ReturnType<typeof submit>>): string =>
    outcome.kind === 'POSTED' ? (outcome.transfers[0]?.id ?? '') : '';
  await submit([{ kind: 'VOID', holdId: newId('hold') }], `${when}-nothing`);
  const transfer = await submit([move(30n)], `${when}-transfer`);
  await submit([move(5n), { ...move(2n), credit: 'system:fees:USD' } as Leg], `${when}-linked`);
  await submit([move(5n), move(1_000_000n)], `${when}-refused`);
  await submit([hold(7n)], `${when}-open`);
  await submit([{ kind: 'POST', holdId: holdIdOf(await submit([hold(50n)])), amountMinor: 20n }], `${when}-part`);
  await submit([{ kind: 'VOID', holdId: holdIdOf(await submit([hold(11n)])) }]);
  const [debit, credit] = [wallets[1], wallets[0]];
  await submit([{ ...move(30n), debit, credit, reverses: holdIdOf(transfer) } as Leg], `${when}-reversal`);
}

function move(minor: bigint): Leg {
  return { kind: 'MOVE', debit: wallets[0], credit: wallets[1], amount: { currency: 'USD', minor }, code: 'TRANSFER' };
}

function hold(minor: bigint): Leg {
  const expiresAt = new Date(Date.now() + 3_600_000);
  return { kind: 'HOLD', debit: wallets[0], credit: 'system:escrow:USD', amount: { currency: 'USD', minor }, code: 'HOLD', expiresAt };
}

function submit(legs: readonly Leg[], key: string = randomUUID()) {
  const request: PostRequest = { scope: 'verify', key, legs, actor: 'service:verify', traceparent: null };
  const origin = { actor: 'service:verify', correlationId: key, causationId: null, traceparent: null };
  return stores.ledger.services.engine.submit({ request, origin, tell: stepsOfHolds });
}

const stepsOfHolds: Submission['tell'] = (outcome) => {
  const transfers = outcome.kind === 'POSTED' ? outcome.transfers : [];
  const placed = transfers.filter(({ state }) => state === 'PENDING');
  const resolved = transfers.filter(({ resolves }) => resolves !== null);
  return [...placed.map(holdPlaced), ...resolved.map(holdResolved)];
};

async function fund(walletOwnerId: string): Promise<string> {
  const { walletId } = await stores.ledger.services.operator.fund({
    walletOwnerId,
    currency: 'USD',
    amountMinor: 10_000n,
    factKey: randomUUID(),
  });
  return walletId;
}

/** The worker, by hand. */
async function seal(): Promise<void> {
  await sql((client) =>
    client.query(`
      with recursive due as (select b.id, b.digest, row_number() over (order by b.id) as place from unsealed_batches u join ledger_batches b on b.id = u.batch_id),
        last as (select coalesce(max(ordinal), 0) as ordinal, coalesce((array_agg(chain order by ordinal desc))[1], ''::bytea) as chain from ledger_seals),
        linked as (
          select ordinal, chain, null::bigint as id, 0::bigint as place from last
          union all select l.ordinal + 1, sha256(l.chain || int8send(d.id) || d.digest), d.id, d.place from linked l join due d on d.place = l.place + 1),
        sealed as (insert into ledger_seals (ordinal, batch_id, chain, sealed_at) select ordinal, id, chain, now() from linked where id is not null)
      delete from unsealed_batches where batch_id in (select id from due)`),
  );
}

async function publish(): Promise<void> {
  await sql((client) =>
    client.query(`with places as (select id, sum(coalesce(packed, 1)) over (partition by stream order by ordinal) as place from outbox),
      placed as (update outbox o set position = place, published_at = now() from places p where p.id = o.id returning stream, position)
    insert into outbox_streams select stream, max(position) from placed group by stream on conflict (stream) do update set last_position = excluded.last_position`),
  );
}

async function sql<T>(work: (client: Client) => Promise<T>, connectionString: string = stores.urls.ledger): Promise<T> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function askOf(client: Client): Parameters<(typeof ledgerOwnChecks)[number]['run']>[0] {
  return async (_service, text, parameters = []) => (await client.query(text, [...parameters])).rows;
}
