import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createOrm, type EntityManager, rawSql, transaction } from '@tessera/service-kit/persistence';
import { aLedger, aUser, inUnit, sealAll, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import type { Leg } from '../engine/request.ts';
import { proveBatches } from '../proof/prove-batches.ts';
import { ledgerProof } from './ledger-proof.ts';

let ledger: TestLedger;
let rich: TestUser;
let poor: TestUser;
beforeAll(async () => {
  ledger = await aLedger();
  [rich, poor] = [await aUser(ledger, 10_000n), await aUser(ledger)];
  await facts();
});
afterAll(() => ledger.close());

const NOW = new Date('2100-01-01T00:00:00.000Z');
/** As books that are too large to be proved while somebody waits. */
const large = (maxLive = 5) => ledgerProof(ledger.subgraph.platform.orm.em.fork(), NOW, maxLive);
const redOf = ({ checks }: Awaited<ReturnType<typeof large>>) => checks.filter(({ isOk }) => !isOk).map(({ id }) => id);
const progress = async () =>
  (await sql<{ batch: string }>(ledger, 'select proved_batch::text as batch from ledger_proof_progress'))[0]?.batch;

describe('ledgerProof of large books', () => {
  it('is as old as the background proof, and says so', async () => {
    const proof = await large();
    expect(proof).toMatchObject({ isOk: true, backgroundAt: expect.any(Date) });
    expect(proof.checkedAt).toEqual(proof.backgroundAt);
  });

  it('MUST name what it did not prove, and not call it right', async () => {
    const proof = await large();
    expect(proof.notProved).toEqual(['counters-fold', 'limits-counted']);
    expect(proof.checks.map(({ id }) => id)).not.toContain('counters-fold');
    expect((await large(10_000)).notProved).toEqual([]);
  });

  it('MUST answer where one rule takes too long, and name it', async () => {
    const entities: never[] = [];
    const hasty = createOrm({ databaseUrl: ledger.config.databaseUrl, entities, migrations: [], statementTimeoutMs: 1_000 });
    const own = hasty.em.fork(); // within the transaction below it would be one of that
    const { em } = ledger.subgraph.platform.orm;
    const proof = await transaction(em.fork(), async (locking) => {
      await rawSql(locking, 'lock table user_limits in access exclusive mode');
      return ledgerProof(own, NOW);
    });
    await hasty.close();
    expect(proof.notProved).toEqual(['limits-counted']);
    expect(proof.checks.length).toBeGreaterThan(5);
  });

  it('leaves alone what is not sealed, and what is too young', async () => {
    expect(await inUnit(ledger, (unit) => proveBatches(unit, { settledSeconds: 0 }))).toBe(false);
    await sealAll(ledger);
    expect(await inUnit(ledger, proveBatches)).toBe(false);
    expect(await progress()).toBe('-1');
  });

  it('proves batch by batch in the background, and what is newer while somebody waits', async () => {
    expect(await inUnit(ledger, (unit) => proveBatches(unit, { settledSeconds: 0 }))).toBe(true);
    expect(Number(await progress())).toBeGreaterThan(5);
    expect(await inUnit(ledger, (unit) => proveBatches(unit, { settledSeconds: 0 }))).toBe(false);
    await submit([move(1n)]);
    const proof = await large();
    expect(redOf(proof)).toEqual([]);
    expect(proof.checkedAt).toEqual(NOW);
    expect(proof.notProved).toEqual([]);
    expect(proof.checks.find(({ id }) => id === 'counters-fold')?.title).toContain('that moved since');
  });

  it.each([
    [
      'a counter that lies',
      `update accounts set credits_posted = credits_posted + 1 where owner_id is not null`,
      ['debits-equal-credits', 'counters-fold'],
    ],
    [
      'a balance that does not follow',
      `update transfers set debit_balance_after = debit_balance_after + 1 where ${ofNewest()}`,
      ['counters-fold', 'balances-chained', 'batches-whole'],
    ],
    ['a purpose that changed', `update transfers set code = 'ELSE' where ${ofNewest()}`, ['batches-whole']],
    ['a wallet that may spend what it has not', `update accounts set floor_minor = null where kind = 'WALLET'`, ['floors-held']],
    ['a lost transfer', `delete from transfers where ${ofNewest()}`, ['facts-have-one-key', 'batches-whole']],
  ])('MUST notice among what is new: %s', async (_what, tamper, red) => {
    const { em } = ledger.subgraph.platform.orm;
    const undone = new Error('undone');
    const tampered = transaction(em.fork(), async (inner) => {
      await asNobodyMay(inner, tamper);
      expect(redOf(await ledgerProof(inner, NOW, 5))).toEqual(red);
      throw undone;
    });
    await expect(tampered).rejects.toBe(undone);
  });

  it('MUST keep what the background proof found', async () => {
    await facts();
    await sealAll(ledger);
    await tamperForGood(`update transfers set code = 'ELSE' where ${ofNewest()}`);
    const told: string[] = [];
    while (await inUnit(ledger, (unit) => proveBatches(unit, { settledSeconds: 0, onFound: (found) => told.push(...Object.keys(found)) })));
    expect(told).toEqual(['batches-whole']);
    await submit([move(1n)]);
    const { isOk, checks } = await large();
    expect(isOk).toBe(false);
    expect(checks.find(({ id }) => id === 'batches-whole')).toMatchObject({ violations: 1, samples: [expect.stringContaining('batch')] });
  });
});

function ofNewest(): string {
  return `batch_id = (select max(batch_id) from transfers)`;
}

async function tamperForGood(statement: string): Promise<void> {
  const { em } = ledger.subgraph.platform.orm;
  await transaction(em.fork(), (inner) => asNobodyMay(inner, statement));
}

async function asNobodyMay(em: EntityManager, statement: string): Promise<void> {
  await rawSql(em, 'set local session_replication_role = replica');
  await rawSql(em, statement);
}

async function facts(): Promise<void> {
  for (let count = 0; count < 4; count += 1) await submit([move(3n), move(2n)]);
  await submit([move(1_000_000n)]);
  const hold: Leg = { ...move(40n), kind: 'HOLD', credit: 'system:escrow:USD', expiresAt: new Date(Date.now() + 60_000) } as Leg;
  const { outcome } = await submit([hold]);
  const holdId = outcome.kind === 'POSTED' ? (outcome.transfers[0]?.id ?? '') : '';
  await submit([{ kind: 'POST', holdId, amountMinor: 15n }]);
}

function move(minor: bigint): Leg {
  return { kind: 'MOVE', debit: rich.walletId, credit: poor.walletId, amount: { currency: 'USD', minor }, code: 'TRANSFER' };
}

function submit(legs: readonly Leg[]) {
  const key = randomUUID();
  const request = { scope: 'test', key, legs, actor: 'service:test', traceparent: null };
  const origin = { actor: 'service:test', correlationId: key, causationId: null, traceparent: null };
  return ledger.subgraph.services.engine.submit({ request, origin, tell: () => [] });
}
