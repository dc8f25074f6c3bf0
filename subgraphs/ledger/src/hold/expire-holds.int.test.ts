import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { aLedger, aUser, inUnit, proofOf, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import type { Leg } from '../engine/index.ts';
import { expireHolds, type OnStuck } from './expire-holds.ts';
import { holdPlaced } from './hold-events.ts';

/** More than the sweeper takes at a time. */
const MANY = 101;

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

/** Of a cent each, due in a moment. */
async function hold(user: TestUser, count: number): Promise<void> {
  const expiresAt = new Date(Date.now() + 500);
  const amount = { currency: 'USD', minor: 1n };
  const leg: Leg = { kind: 'HOLD', debit: user.walletId, credit: 'system:escrow:USD', amount, code: 'ORDER', expiresAt };
  const origin = { actor: 'service:test', correlationId: 'test', causationId: null, traceparent: null };
  const settled = await ledger.subgraph.services.engine.submitAll(
    Array.from({ length: count }, () => ({
      request: { scope: 'test', key: randomUUID(), legs: [leg], actor: 'service:test', traceparent: null },
      origin,
      tell: (outcome) => (outcome.kind === 'POSTED' ? outcome.transfers.map(holdPlaced) : []),
    })),
  );
  expect(settled.every((each) => each.status === 'fulfilled' && each.value.outcome.kind === 'POSTED')).toBe(true);
  await sql(ledger, 'select pg_sleep(greatest(0, extract(epoch from $1::timestamptz - clock_timestamp())) + 0.01)', [
    expiresAt.toISOString(),
  ]);
}

async function sweep(onStuck?: OnStuck): Promise<void> {
  while (await inUnit(ledger, (unit) => expireHolds(unit, onStuck)));
}

const heldOf = async ({ walletId }: TestUser): Promise<unknown> =>
  (await sql(ledger, 'select debits_pending from accounts where id = $1', [walletId]))[0]?.debits_pending;

/** As an operator's open transaction would. */
async function whileKept(accountId: string, work: () => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: ledger.config.databaseUrl });
  await client.connect();
  try {
    await client.query('begin');
    await client.query('select from accounts where id = $1 for update', [accountId]);
    await work();
  } finally {
    await client.end();
  }
}

describe('the sweeper', () => {
  it('MUST give back what is due although somebody keeps the account of what was due before', async () => {
    const [kept, other] = [await aUser(ledger, 1_000n), await aUser(ledger, 1_000n)];
    await hold(kept, MANY);
    await hold(other, 2);
    const told: [number, unknown][] = [];
    await whileKept(kept.walletId, async () => {
      await sweep((holdIds, error) => told.push([holdIds.length, error]));
      expect([await heldOf(kept), await heldOf(other)]).toEqual([String(MANY), '0']);
    });
    expect(told.reduce((sum, [count]) => sum + count, 0)).toBe(MANY);
    expect(told[0]?.[1]).toMatchObject({ message: expect.stringContaining('lock timeout') });

    await sql(ledger, 'update open_holds set retry_at = clock_timestamp()'); // seconds later
    await sweep();
    expect(await heldOf(kept)).toBe('0');
    expect(await proofOf(ledger)).toMatchObject({ isOk: true });
  });

  it('MUST give back what is due although something else fails', async () => {
    const [broken, sound] = [await aUser(ledger, 10n), await aUser(ledger, 10n)];
    await hold(broken, 1);
    await hold(sound, 1);
    await sql(ledger, `alter table accounts add constraint nobody_touches check (id <> '${broken.walletId}' or debits_pending = 1)`);
    const told: number[] = [];
    await sweep((holdIds) => told.push(holdIds.length));
    expect([await heldOf(broken), await heldOf(sound), told]).toEqual(['1', '0', [1]]);
    await sql(ledger, 'alter table accounts drop constraint nobody_touches');
  });
});
