import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSubgraph, type LedgerConfig } from '@tessera/ledger';
import { descendantsOf, startCrashablePostgres } from '@tessera/local';
import { newId } from '@tessera/service-kit/ids';
import { startSubgraph } from '@tessera/service-kit/subgraph';
import { actAs, commonTestConfig, eventually } from '@tessera/service-kit/testing';
import { Client } from 'pg';
import { startProxy } from './proxy.ts';

type Ledger = ReturnType<typeof createSubgraph>;

const READ = `query ($id: ID!, $now: DateTime!, $from: Date!, $to: Date!) { wallet(id: $id) {
  balance { minor } balanceAt(time: $now) { minor } transfers(first: 1) { edges { balanceAfter { minor } } }
  statement(from: $from, to: $to) { closingBalance { minor } lines(last: 1) { edges { node { balanceAfter { minor } } } } } } }`;
const SEND = 'mutation ($input: TransferCreateInput!) { transferCreate(input: $input) { __typename } }';
const DAY_MS = 86_400_000;
/** Everything that was written is before it, whatever the clocks; more is refused as the future. */
const A_LITTLE_MS = 2_000;
/** Less than a statement may take, and than an answer of the replica is waited for. */
const A_WHILE_MS = 2_500;

let postgres: Awaited<ReturnType<typeof startCrashablePostgres>>;
let replica: Awaited<ReturnType<typeof postgres.startReplica>>;
let ledger: Ledger;
let config: LedgerConfig;
const payer = actAs.user();
let from: string;
let to: string;
let sent = 0;

beforeAll(async () => {
  postgres = await startCrashablePostgres();
  await admin(postgres.adminUrl, 'create database ledger');
  replica = await postgres.startReplica();
  const own = { defaultCurrency: 'USD', directorySecret: 'd'.repeat(43), logFile: undefined, publicUrl: undefined } as const;
  const engine = { engineLanes: undefined, engineBatchSize: undefined, engineQueueLimit: undefined };
  // Every look must go to a database: copies in Redis would hide which.
  const stores = {
    databaseUrl: databaseOf(postgres.adminUrl),
    readDatabaseUrl: databaseOf(replica.adminUrl),
    redisUrl: 'redis://127.0.0.1:1',
  };
  config = { ...commonTestConfig(stores.databaseUrl), ...own, ...engine, ...stores } as LedgerConfig; // the halves of one
  ledger = createSubgraph(config);
  await ledger.migrate();
  const fund = (walletOwnerId: string, amountMinor: bigint) =>
    ledger.services.operator.fund({ walletOwnerId, currency: 'USD', amountMinor, factKey: walletOwnerId });
  from = (await fund(payer.userId, 1_000_000n)).walletId;
  to = (await fund(newId('user'), 1n)).walletId;
}, 120_000);
afterAll(async () => {
  await ledger?.close();
  await replica?.stop();
  await postgres?.stop();
}, 60_000);

/** What was sent so far shows in every look, whichever database answers. */
async function sendAndLook(by: Ledger = ledger): Promise<void> {
  const input = { fromWalletId: from, to: { walletId: to }, amount: { currency: 'USD', minor: '1' } };
  const { data } = await by.execute({ query: SEND, variables: { input }, viewer: payer, idempotencyKey: randomUUID() });
  expect(data).toEqual({ transferCreate: { __typename: 'TransferCreated' } });
  sent += 1;
  await look(by);
}

async function look(by: Ledger = ledger): Promise<void> {
  const minor = String(1_000_000 - sent);
  const days = { from: dayOf(Date.now() - DAY_MS), to: dayOf(Date.now()) };
  const variables = { id: from, now: new Date(Date.now() + A_LITTLE_MS).toISOString(), ...days };
  expect(await by.execute({ query: READ, variables, viewer: payer })).toMatchObject({
    data: {
      wallet: {
        ...{ balance: { minor }, balanceAt: { minor }, transfers: { edges: [{ balanceAfter: { minor } }] } },
        statement: { closingBalance: { minor }, lines: { edges: [{ node: { balanceAfter: { minor } } }] } },
      },
    },
  });
}

async function reads(by: string, of: Ledger = ledger): Promise<number> {
  const text = await of.platform.metrics.text();
  return Number(new RegExp(`ledger_reads_total\\{by="${by}"[^}]*\\} (\\d+)`).exec(text)?.[1] ?? 0);
}

/** Looks until the replica answers (again): it may have to catch up first. */
function untilReplicaAnswers(of: Ledger = ledger): Promise<true> {
  return eventually('the replica answers', async () => {
    const before = await reads('replica', of);
    await look(of);
    return (await reads('replica', of)) > before;
  }) as Promise<true>;
}

describe('a ledger with a streaming replica', () => {
  it('MUST show every write at once, while the replica answers', async () => {
    await untilReplicaAnswers();
    const before = await reads('replica');
    for (let round = 0; round < 40; round += 1) await sendAndLook();
    expect(await reads('replica')).toBeGreaterThan(before);
  });

  it('MUST show every write at once also by another process', async () => {
    const other = createSubgraph(config);
    try {
      for (let round = 0; round < 20; round += 1) {
        await sendAndLook();
        await look(other);
      }
    } finally {
      await other.close();
    }
  });

  it('MUST show every write at once while the replica is behind: then the primary answers', async () => {
    await untilReplicaAnswers();
    await admin(replica.adminUrl, 'select pg_wal_replay_pause()');
    const before = await reads('primary_lagging');
    for (let round = 0; round < 10; round += 1) await sendAndLook();
    expect(await reads('primary_lagging')).toBeGreaterThan(before);
    await admin(replica.adminUrl, 'select pg_wal_replay_resume()');
    await untilReplicaAnswers();
  });

  it('answers from the primary while the replica is away, says so, and takes it back', async () => {
    const running = await startSubgraph(createSubgraph({ ...config, port: 0 }));
    const ready = async () => (await fetch(`${running.url}/health/ready`)).json();
    expect(await ready()).toMatchObject({ status: 'ready', soft: { replica: 'ok' } });
    await untilReplicaAnswers();
    const before = await reads('primary_failed');
    await replica.halt();
    for (let round = 0; round < 5; round += 1) await sendAndLook();
    expect(await reads('primary_failed')).toBeGreaterThan(before);
    expect(await ready()).toMatchObject({ status: 'ready', soft: { replica: 'failed' } });
    await replica.resume();
    await untilReplicaAnswers();
    await sendAndLook();
    await running.close();
  }, 90_000);

  it('MUST not let anybody wait for a replica that is there but does not answer', async () => {
    await untilReplicaAnswers();
    const before = await reads('primary_failed');
    const frozen = [replica.pid(), ...descendantsOf(replica.pid())];
    for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    try {
      for (let round = 0; round < 3; round += 1)
        expect(await Promise.race([sendAndLook().then(() => 'answered'), sleep(A_WHILE_MS, 'not answered', { ref: false })])).toBe(
          'answered',
        );
    } finally {
      for (const pid of frozen) process.kill(pid, 'SIGCONT');
    }
    expect(await reads('primary_failed')).toBeGreaterThan(before);
    await untilReplicaAnswers();
  });

  it('MUST take a replica back that a network has swallowed a question to', async () => {
    const way = await startProxy(Number(new URL(replica.adminUrl).port));
    const behind = new URL(config.readDatabaseUrl ?? '');
    behind.port = String(way.port);
    const other = createSubgraph({ ...config, readDatabaseUrl: behind.href });
    try {
      await untilReplicaAnswers(other);
      way.silence();
      await sendAndLook(other);
      expect(await reads('primary_failed', other)).toBeGreaterThan(0);
      await untilReplicaAnswers(other);
    } finally {
      way.resetAll();
      await other.close();
      await way.close();
    }
  });

  it('never reads what only looks like a replica', async () => {
    const { databaseUrl } = config;
    const misled = createSubgraph({ ...config, readDatabaseUrl: databaseUrl });
    try {
      await sendAndLook(misled);
      expect([await reads('replica', misled), await reads('primary_failed', misled)]).toEqual([0, expect.any(Number)]);
      await expect(misled.softChecks.replica?.()).rejects.toThrow(/no replica/);
    } finally {
      await misled.close();
    }
  });
});

async function admin(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

function databaseOf(adminUrl: string): string {
  const url = new URL(adminUrl);
  url.pathname = '/ledger';
  return url.href;
}

function dayOf(instantMs: number): string {
  return new Date(instantMs).toISOString().slice(0, 10);
}
