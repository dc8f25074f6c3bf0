import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { Client } from 'pg';
import { allChecks, verify } from '../src/verify.ts';
import { cardPlants } from './card-plants.ts';
import { outboxPlants } from './outbox-plants.ts';
import { ledgerPlants, ordersPlants, paymentsPlants } from './plants.ts';
import { providerPlants } from './provider-plants.ts';
import { sagaPlants } from './saga-plants.ts';
import { inUndone, openStores, type Stores } from './stores.ts';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;
const plants = [...ledgerPlants, ...ordersPlants, ...paymentsPlants, ...cardPlants, ...sagaPlants, ...providerPlants, ...outboxPlants];

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
  await seedLedger(stores);
});
afterAll(() => stores.close());

describe('verify', () => {
  it('finds nothing wrong with healthy stores, and writes nothing', async () => {
    const report = await verify(stores.urls);
    expect(report.checks.flatMap(({ violations }) => violations)).toEqual([]);
    expect(report).toMatchObject({ isOk: true });
    expect(report.checks).toHaveLength(allChecks.length);
  });

  it.each(plants.map((plant) => [plant.check, plant.how, plant] as const))(
    'MUST turn %s red when %s',
    async (id, _how, { healthy = [], broken }) => {
      const check = allChecks.find((candidate) => candidate.id === id);
      await inUndone(stores.urls, async (ask, plant) => {
        for (const [service, sql] of healthy) await plant(service, sql);
        expect(await check?.run(ask, 10)).toEqual([]);
        for (const [service, sql] of broken) await plant(service, sql);
        expect((await check?.run(ask, 10))?.length).toBeGreaterThan(0);
      });
    },
  );

  it('has seen every kind of check red', () => {
    const red = new Set(plants.map(({ check }) => check.replace(/^orders-(?=positions|sequences|packs|all-published|no-dead)/, '')));
    const kinds = new Set(
      allChecks.map(({ id }) =>
        id.replace(/^(users|catalog|orders|payments|ledger)-(?=positions|sequences|packs|all-published|no-dead)/, ''),
      ),
    );
    expect([...kinds].filter((id) => !red.has(id))).toEqual([]);
  });
});

describe('the command', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'verify-'));
    writeFileSync(join(dataDir, 'stack.json'), JSON.stringify({ verifyUrls: stores.urls }));
  });
  afterAll(() => rmSync(dataDir, { recursive: true }));

  it('exits 0 for a stack that is right, by its state file', async () => {
    const { code, stdout } = await run(dataDir, [], {});
    expect(stdout).toContain(`All ${allChecks.length} checks hold`);
    expect(code).toBe(0);
  });

  it('exits 1 and names what is wrong', async () => {
    const client = new Client({ connectionString: stores.urls.orders });
    await client.connect();
    await client.query(
      `insert into dead_letters (id, stream, position, type, envelope, error, attempts) values ('dead', 's', 1, 't', '{}', 'boom', 1)`,
    );
    const { code, stdout } = await run(dataDir, ['--json'], {});
    await client.query('delete from dead_letters');
    await client.end();
    const report = JSON.parse(stdout) as { isOk: boolean; checks: { id: string; isOk: boolean; violations: string[] }[] };
    expect(report.checks.filter(({ isOk }) => !isOk)).toMatchObject([
      { id: 'orders-no-dead-letters', violations: [expect.stringContaining('boom')] },
    ]);
    expect(code).toBe(1);
  });

  it.each([
    ['a store cannot be reached', () => ({ VERIFY_ORDERS_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }), 'orders'],
    ['a store is not one that it can read', () => ({ VERIFY_CATALOG_DATABASE_URL: 'mongodb://127.0.0.1/catalog' }), 'catalog'],
    ['a database has not the tables', () => ({ VERIFY_PAYMENTS_DATABASE_URL: stores.urls.ledger }), 'payments'],
  ])('exits 2 when %s', async (_what, environment, service) => {
    const { code, stderr } = await run(dataDir, [], environment());
    expect(stderr).toContain(service);
    expect(code).toBe(2);
  });

  it('exits 2 when no stack runs and nothing is named', async () => {
    expect(await run(join(dataDir, 'nothing'), [], {})).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('No database known of users'),
    });
  });
});

/** Real movements through the ledger itself: funding, a transfer and a refusal. */
async function seedLedger({ ledger }: Stores): Promise<void> {
  const [buyer, friend] = [newId('user'), newId('user')];
  const funding = { currency: 'USD', amountMinor: 1_000n } as const;
  const from = await ledger.services.operator.fund({ ...funding, walletOwnerId: buyer, factKey: randomUUID() });
  const to = await ledger.services.operator.fund({ ...funding, walletOwnerId: friend, factKey: randomUUID() });
  const query = 'mutation ($input: TransferCreateInput!) { transferCreate(input: $input) { __typename } }';
  for (const [minor, outcome] of [
    ['300', 'TransferCreated'],
    ['5000', 'InsufficientFunds'],
  ]) {
    const input = {
      fromWalletId: from.walletId,
      to: { walletId: to.walletId },
      amount: { currency: 'USD', minor },
      idempotencyKey: randomUUID(),
    };
    expect((await ledger.execute({ query, variables: { input }, viewer: actAs.user(buyer) })).data).toEqual({
      transferCreate: { __typename: outcome },
    });
  }
  const client = new Client({ connectionString: ledger.config.databaseUrl });
  await client.connect();
  await client.query(`with places as (select id, sum(coalesce(packed, 1)) over (partition by stream order by ordinal) as place from outbox),
      placed as (update outbox o set position = place, published_at = now() from places p where p.id = o.id returning stream, position)
    insert into outbox_streams select stream, max(position) from placed group by stream`);
  await client.end();
}

function run(
  dataDir: string,
  more: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { PATH = '' } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, '--data-dir', dataDir, ...more], { env: { PATH, ...environment } }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}
