import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Subgraph } from '@tessera/service-kit/subgraph';
import { eventually } from '@tessera/service-kit/testing';
import { Redis } from 'ioredis';
import { aLedger, aUser, inUnit, proofOf, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { type CutOff, cutOff } from '../../test/cut-off.ts';
import type { LedgerConfig } from '../config.ts';
import { createSubgraph, type LedgerServices } from '../subgraph.ts';
import { postTransfer } from '../transfer/post-transfer.ts';

type Ledger = Subgraph<LedgerServices>;

const BALANCE = 'query ($id: ID!) { wallet(id: $id) { balance { minor } available { minor } isClosed } }';
const SEND = `mutation ($input: TransferCreateInput!) { transferCreate(input: $input) { __typename ... on TransferCreated { transfer { state } } } }`;

/** One ledger as it is, and another on the same stores whose Redis can be cut off. */
let ledger: TestLedger;
let other: Ledger;
let redis: Redis;
let way: CutOff;
beforeEach(async () => {
  ledger = await aLedger();
  way = await cutOff(ledger.config.redisUrl);
  other = createSubgraph({ ...(ledger.config as unknown as LedgerConfig), redisUrl: way.url }); // what aLedger made it from
  redis = new Redis(ledger.config.redisUrl);
});
afterEach(async () => {
  await other.close();
  await way.close();
  redis.disconnect();
  await ledger.close();
});

async function balanceOf({ viewer, walletId }: TestUser, by: Ledger = ledger.subgraph): Promise<string> {
  const { data, errors } = await by.execute({ query: BALANCE, variables: { id: walletId }, viewer });
  if (errors) throw new Error(JSON.stringify(errors));
  return (data as { wallet: { balance: { minor: string } } }).wallet.balance.minor;
}

async function send(from: TestUser, to: TestUser, minor: string, by: Ledger): Promise<void> {
  const input = { fromWalletId: from.walletId, to: { walletId: to.walletId }, amount: { currency: 'USD', minor } };
  const { data, errors } = await by.execute({ query: SEND, variables: { input }, viewer: from.viewer, idempotencyKey: randomUUID() });
  if (errors || (data as { transferCreate: { __typename: string } }).transferCreate.__typename !== 'TransferCreated')
    throw new Error(JSON.stringify({ data, errors }));
}

const aLeg = (from: TestUser, to: TestUser) =>
  ({ kind: 'MOVE', debit: from.walletId, credit: to.walletId, amount: { currency: 'USD', minor: 10n }, code: 'OTHER' }) as const;

const keyOf = ({ walletId }: TestUser) => `${ledger.config.redisKeyPrefix}ledger:balance:${walletId}`;

async function metric(outcome: string, by: Ledger = ledger.subgraph): Promise<number> {
  const text = await by.platform.metrics.text();
  return Number(new RegExp(`ledger_balance_hints_total\\{outcome="${outcome}"[^}]*\\} (\\d+)`).exec(text)?.[1] ?? 0);
}

/** Asks twice in a row until the second answer came from Redis: the place may just have passed. */
async function warm(user: TestUser, by?: Ledger): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    await balanceOf(user, by);
    const value = await redis.get(keyOf(user));
    if (value?.startsWith('v')) return;
    await sleep(20);
  }
  throw new Error('Redis never got a value.');
}

/** Asks for a balance all the time, as a page does that wants to be the first to know. */
function hammer(user: TestUser, by: Ledger) {
  let isOver = false;
  const seen: bigint[] = [];
  const loop = async () => {
    while (!isOver) seen.push(BigInt(await balanceOf(user, by)));
  };
  const loops = [loop(), loop(), loop()];
  return async () => {
    isOver = true;
    await Promise.all(loops);
    return seen;
  };
}

describe('balances in Redis', () => {
  it('answer the second look, and metrics tell', async () => {
    const user = await aUser(ledger, 50n);
    await warm(user);
    const before = await metric('hit');
    expect(await balanceOf(user)).toBe('50');
    expect(await metric('hit')).toBe(before + 1);
    expect(await metric('miss')).toBeGreaterThan(0);
  });

  it('live for a second', async () => {
    const user = await aUser(ledger, 50n);
    await warm(user);
    expect(await redis.pttl(keyOf(user))).toBeLessThanOrEqual(1_000);
    await sleep(1_100);
    expect(await redis.exists(keyOf(user))).toBe(0);
  });

  it('are nobody else’s: who may not see the wallet does not see the copy', async () => {
    const [user, stranger] = [await aUser(ledger, 50n), await aUser(ledger)];
    await warm(user);
    expect(await ledger.data(stranger.viewer, BALANCE, { id: user.walletId })).toEqual({ wallet: null });
  });

  it('MUST NOT be older than a commit that was answered, by whatever process and while everybody asks', async () => {
    const [ann, bob] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    const stop = hammer(bob, ledger.subgraph);
    for (let at = 1; at <= 60; at += 1) {
      await send(ann, bob, '1', at % 2 ? other : ledger.subgraph);
      expect([at, await balanceOf(bob), await balanceOf(ann, other)]).toEqual([at, String(at), String(1_000 - at)]);
    }
    const seen = await stop();
    expect(seen.length).toBeGreaterThan(60);
    expect(await metric('hit')).toBeGreaterThan(0);
  });

  it('MUST show what a command of another service did as soon as it is committed, and a closed wallet as closed', async () => {
    const [ann, bob] = [await aUser(ledger, 10n), await aUser(ledger)];
    await warm(ann);
    await inUnit(ledger, (unit) =>
      postTransfer({ scope: 'test', key: 'all', legs: [aLeg(ann, bob)], actor: 'test', traceparent: null }, ann.walletId, unit),
    );
    expect(await balanceOf(ann)).toBe('0');
    await warm(ann);
    await ledger.data(ann.viewer, 'mutation ($input: WalletCloseInput!) { walletClose(input: $input) { __typename } }', {
      input: { walletId: ann.walletId },
    });
    expect(await ledger.data(ann.viewer, BALANCE, { id: ann.walletId })).toMatchObject({ wallet: { isClosed: true } });
  });

  it('MUST NOT be older than a commit of a process that Redis does not hear, and come back when it does', async () => {
    const [ann, bob] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    await send(ann, bob, '1', other);
    const stop = hammer(bob, ledger.subgraph);
    await warm(bob);
    way.cut();
    for (let at = 2; at <= 10; at += 1) {
      await send(ann, bob, '1', other);
      expect([at, await balanceOf(bob), await balanceOf(bob, other)]).toEqual([at, String(at), String(at)]);
    }
    const hits = await metric('hit');
    await sleep(50);
    expect(await metric('hit')).toBe(hits); // nobody keeps copies meanwhile
    await stop();
    way.heal();
    await sql(ledger, "update balance_hint_switch set off_until = '-infinity'"); // the minute is over
    await warm(bob);
    expect(await balanceOf(bob)).toBe('10');
    expect(await proofOf(ledger)).toMatchObject({ isOk: true });
  }, 60_000);

  it('MUST NOT keep money where Redis is away and the database takes no new connection', async () => {
    const door = await cutOff(ledger.config.databaseUrl);
    const full = createSubgraph({ ...(ledger.config as unknown as LedgerConfig), redisUrl: way.url, databaseUrl: door.url });
    const [ann, bob] = [await aUser(ledger, 20n), await aUser(ledger)];
    const origin = { actor: 'test', correlationId: 'test', causationId: null, traceparent: null };
    const pay = () => {
      const request = { scope: 'test', key: randomUUID(), legs: [aLeg(ann, bob)], actor: 'test', traceparent: null };
      return full.services.engine.submit({ request, origin, tell: () => [] });
    };
    await pay();
    await eventually('both processes have a connection for the switch', async () => {
      const kept = `select from pg_stat_activity where application_name = 'tessera-ledger-hint-switch' and datname = current_database() and state = 'idle'`;
      return (await sql(ledger, kept)).length === 2;
    });
    door.shut();
    way.cut();
    expect((await pay()).outcome.kind).toBe('POSTED');
    expect(await balanceOf(bob)).toBe('20');
    await full.close();
    await door.close();
  }, 60_000);

  it('may be flushed or lie: the answers stay the same', async () => {
    const [ann, bob] = [await aUser(ledger, 1_000n), await aUser(ledger, 7n)];
    for (const spoil of [
      () => redis.del(keyOf(ann)),
      () => redis.set(keyOf(ann), 'v'),
      () => redis.set(keyOf(ann), `v${'x'.repeat(43)}["${ann.walletId}",null,"USD","CREDIT","0","9","0","0",false,1]`),
      () => redis.set(keyOf(ann), 'nonsense'),
      async () => redis.set(keyOf(ann), (await redis.get(keyOf(bob))) ?? ''), // signed, but of another wallet
    ]) {
      await redis.del(keyOf(ann));
      await warm(ann);
      await warm(bob);
      await spoil();
      expect(await balanceOf(ann)).toBe('1000');
      expect(await balanceOf(bob)).toBe('7');
    }
    await redis.del(keyOf(ann));
    await warm(ann);
    const old = (await redis.get(keyOf(ann))) ?? '';
    await send(ann, bob, '1', ledger.subgraph);
    await sleep(7_000);
    await redis.set(keyOf(ann), old); // an answer that was true once
    expect(await balanceOf(ann)).toBe('999');
  }, 60_000);

  it('MUST NOT be older than a commit in which Redis lost everything', async () => {
    const [ann, bob] = [await aUser(ledger, 10n), await aUser(ledger)];
    await inUnit(ledger, async (unit) => {
      await postTransfer({ scope: 'test', key: 'flushed', legs: [aLeg(ann, bob)], actor: 'test', traceparent: null }, ann.walletId, unit);
      await redis.del(keyOf(ann));
      await warm(ann);
    });
    expect(await balanceOf(ann)).toBe('0');
  });

  it('are not needed: without Redis every answer comes from the database', async () => {
    const [ann, bob] = [await aUser(ledger, 100n), await aUser(ledger)];
    way.cut();
    expect(await balanceOf(ann, other)).toBe('100');
    await send(ann, bob, '30', other);
    expect([await balanceOf(ann, other), await balanceOf(bob, other)]).toEqual(['70', '30']);
    expect(await metric('unavailable', other)).toBeGreaterThan(0);
  });
});
