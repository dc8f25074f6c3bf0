import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actAs } from '@tessera/service-kit/testing';
import { aLedger, aUser, proofOf, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { anItem, kindsOf, sendBatch, usd } from '../../test/batches.ts';
import type { LedgerConfig } from '../config.ts';
import { createSubgraph } from '../subgraph.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

const admin = actAs.admin();
const SET = `mutation ($input: WalletLimitsSetInput!) { walletLimitsSet(input: $input) { __typename ... on Problem { code path }
  ... on WalletLimitsChanged { wallet { limits { perTransfer { minor } perDay { minor } usedToday { minor } resetsAt } } } } }`;
const SEND = `mutation ($input: TransferCreateInput!) { transferCreate(input: $input) { __typename ... on Problem { code path }
  ... on LimitExceeded { kind limit { minor currency } resetsAt message } ... on TransferCreated { transfer { id } } } }`;
const LIMITS = `query ($id: ID!) { wallet(id: $id) { limits { perTransfer { minor } perDay { minor } usedToday { minor } resetsAt
  changes { perTransfer { minor } perDay { minor } reason actor changedAt } } } }`;

interface Limits {
  readonly perTransfer: { readonly minor: string } | null;
  readonly perDay: { readonly minor: string } | null;
  readonly usedToday: { readonly minor: string } | null;
  readonly resetsAt: string;
  readonly changes: readonly object[] | null;
}

async function set(walletId: string, limits: { perTransfer?: string; perDay?: string }, on = ledger) {
  const given = Object.fromEntries(Object.entries(limits).map(([name, minor]) => [name, usd(minor)]));
  const { walletLimitsSet } = await on.data<{ walletLimitsSet: { __typename: string } }>(admin, SET, {
    input: { walletId, ...given, reason: 'A trial' },
  });
  return walletLimitsSet;
}

async function send(from: TestUser, to: TestUser, minor: string, more: object = {}, { subgraph }: Pick<TestLedger, 'subgraph'> = ledger) {
  const input = { fromWalletId: from.walletId, to: { walletId: to.walletId }, amount: usd(minor), idempotencyKey: randomUUID(), ...more };
  const { data, errors } = await subgraph.execute({ query: SEND, variables: { input }, viewer: from.viewer });
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.transferCreate as { readonly __typename: string }; // the query says so
}

async function limitsOf(user: TestUser, viewer = user.viewer, on = ledger): Promise<Limits> {
  return (await on.data<{ wallet: { limits: Limits } }>(viewer, LIMITS, { id: user.walletId })).wallet.limits;
}

const kinds = (answers: readonly { readonly __typename: string }[], kind: string) =>
  answers.filter(({ __typename }) => __typename === kind);
const midnight = () => new Date(Math.floor(Date.now() / 86_400_000 + 1) * 86_400_000).toISOString();

describe('limits', () => {
  it('are none at first, and nobody counts', async () => {
    const [me, friend] = [await aUser(ledger, 100n), await aUser(ledger)];
    await send(me, friend, '10');
    expect(await limitsOf(me)).toEqual({ perTransfer: null, perDay: null, usedToday: null, resetsAt: midnight(), changes: null });
    expect(await sql(ledger, 'select 1 from user_limits where owner_id = $1', [me.userId])).toEqual([]);
  });

  it('bound one transfer and a day; what was sent before they were set counts', async () => {
    const [me, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    await send(me, friend, '30');
    expect(await set(me.walletId, { perTransfer: '50', perDay: '100' })).toMatchObject({
      __typename: 'WalletLimitsChanged',
      wallet: { limits: { perTransfer: { minor: '50' }, perDay: { minor: '100' }, usedToday: { minor: '30' } } },
    });
    expect(await send(me, friend, '51')).toEqual({
      ...{ __typename: 'LimitExceeded', code: 'LIMIT_EXCEEDED', path: ['input', 'amount', 'minor'], kind: 'PER_TRANSFER' },
      ...{ limit: usd('50'), resetsAt: null, message: expect.any(String) },
    });
    expect(await send(me, friend, '50')).toMatchObject({ __typename: 'TransferCreated' });
    expect(await send(me, friend, '21')).toMatchObject({
      __typename: 'LimitExceeded',
      kind: 'PER_DAY',
      limit: usd('100'),
      resetsAt: midnight(),
    });
    expect(await send(me, friend, '20')).toMatchObject({ __typename: 'TransferCreated' });
    expect(await limitsOf(me)).toMatchObject({ usedToday: { minor: '100' } });
  });

  it('are remembered under the key of what they refused, also when there is room again', async () => {
    const [me, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    await set(me.walletId, { perDay: '5' });
    const idempotencyKey = randomUUID();
    const refused = await send(me, friend, '6', { idempotencyKey });
    expect(refused).toMatchObject({ __typename: 'LimitExceeded' });
    await set(me.walletId, {});
    expect(await send(me, friend, '6', { idempotencyKey })).toEqual(refused);
    expect(await send(me, friend, '6')).toMatchObject({ __typename: 'TransferCreated' });
  });

  it('begin anew with the day', async () => {
    const [me, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
    await set(me.walletId, { perDay: '10' });
    await send(me, friend, '10');
    expect(await send(me, friend, '1')).toMatchObject({ __typename: 'LimitExceeded' });
    await sql(ledger, 'update user_limits set used_on = used_on - 1 where owner_id = $1', [me.userId]);
    expect(await limitsOf(me)).toMatchObject({ usedToday: { minor: '0' } });
    expect(await send(me, friend, '10')).toMatchObject({ __typename: 'TransferCreated' });
    await sql(ledger, 'delete from user_limits where owner_id = $1', [me.userId]); // the day that never was
  });

  it('do not count what comes in, what is taken back, and what is not sent by the user', async () => {
    const [me, friend] = [await aUser(ledger, 100n), await aUser(ledger, 100n)];
    await set(me.walletId, { perDay: '10' });
    await send(friend, me, '50');
    const { transfer } = (await send(me, friend, '10')) as unknown as { transfer: { id: string } };
    const REVERSE = 'mutation ($input: TransferReverseInput!) { transferReverse(input: $input) { __typename } }';
    await ledger.data(admin, REVERSE, { input: { transferId: transfer.id, note: 'Oops' } });
    await ledger.subgraph.services.engine.submit({
      request: {
        ...{ scope: 'service:payments', key: randomUUID(), actor: 'service:payments', traceparent: null },
        legs: [
          { kind: 'MOVE', debit: me.walletId, credit: 'system:escrow:USD', amount: { currency: 'USD', minor: 40n }, code: 'ORDER_PAYMENT' },
        ],
      },
      origin: { actor: 'service:payments', correlationId: 'test', causationId: null, traceparent: null },
      tell: () => [],
    });
    expect(await limitsOf(me)).toMatchObject({ usedToday: { minor: '10' } });
  });

  it('hold over all wallets of the user in the currency, also those opened later', async () => {
    const [me, friend] = [await aUser(ledger, 100n), await aUser(ledger)];
    await set(me.walletId, { perDay: '50' });
    const OPEN = 'mutation ($input: WalletOpenInput!) { walletOpen(input: $input) { ... on WalletOpened { wallet { id } } } }';
    const { walletOpen } = await ledger.data<{ walletOpen: { wallet: { id: string } } }>(me.viewer, OPEN, { input: { currency: 'USD' } });
    const other = { ...me, walletId: walletOpen.wallet.id };
    expect(await send(me, other, '60')).toMatchObject({ __typename: 'TransferCreated' });
    expect(await send(me, friend, '20')).toMatchObject({ __typename: 'TransferCreated' });
    expect(await send(other, friend, '31')).toMatchObject({ __typename: 'LimitExceeded' });
    expect(await send(other, friend, '30')).toMatchObject({ __typename: 'TransferCreated' });
  });

  it('MUST see every wallet, however its opening races with the setting', async () => {
    const me = await aUser(ledger);
    const OPEN = 'mutation ($input: WalletOpenInput!) { walletOpen(input: $input) { __typename } }';
    const open = () => ledger.data(me.viewer, OPEN, { input: { currency: 'USD' } });
    await Promise.all([open(), open(), set(me.walletId, { perDay: '1' }), open(), open(), open()]);
    expect(await sql(ledger, 'select distinct is_limited from accounts where owner_id = $1', [me.userId])).toEqual([{ is_limited: true }]);
    await set(me.walletId, {});
    expect(await sql(ledger, 'select distinct is_limited from accounts where owner_id = $1', [me.userId])).toEqual([{ is_limited: false }]);
  });

  it('MUST be exact under races, through two processes and several wallets', async () => {
    // Recipients of their own: no account is in both ways, only the limit.
    const [me, friend, friendOfOther] = [await aUser(ledger, 500n), await aUser(ledger), await aUser(ledger)];
    const OPEN = 'mutation ($input: WalletOpenInput!) { walletOpen(input: $input) { ... on WalletOpened { wallet { id } } } }';
    const { walletOpen } = await ledger.data<{ walletOpen: { wallet: { id: string } } }>(me.viewer, OPEN, { input: { currency: 'USD' } });
    const other = { ...me, walletId: walletOpen.wallet.id };
    await send(me, other, '250');
    await set(me.walletId, { perDay: '67' });
    // A transaction for each, many at a time: in shared ones the accounts would be in each other's way again.
    const oneByOne = { ...(ledger.config as LedgerConfig), engineBatchSize: 1, engineLanes: 6 };
    const processes = [createSubgraph(oneByOne), createSubgraph(oneByOne)];
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, at) => {
        const [from, to] = at % 2 ? [me, friend] : [other, friendOfOther];
        return send(from, to, '3', {}, { subgraph: processes[at % 4 < 2 ? 0 : 1] as TestLedger['subgraph'] });
      }),
    );
    await Promise.all(processes.map((each) => each.close()));
    expect([kinds(answers, 'TransferCreated').length, kinds(answers, 'LimitExceeded').length]).toEqual([22, 38]);
    expect(await limitsOf(me)).toMatchObject({ usedToday: { minor: '66' } });
  });

  it('count within a batch, item by item or for all of an atomic one', async () => {
    const [me, friend] = [await aUser(ledger, 500n), await aUser(ledger)];
    await set(me.walletId, { perDay: '100' });
    const items = ['40', '40', '30', '20'].map((minor) => anItem({ walletId: friend.walletId }, minor));
    const atomic = await sendBatch(ledger, me, items, { atomic: true });
    expect(atomic).toMatchObject({ __typename: 'TransferBatchRefused', itemIndex: 2, reason: { __typename: 'LimitExceeded' } });
    expect(await limitsOf(me)).toMatchObject({ usedToday: { minor: '0' } });
    expect(kindsOf(await sendBatch(ledger, me, items))).toEqual(['TransferCreated', 'TransferCreated', 'LimitExceeded', 'TransferCreated']);
    expect(await limitsOf(me)).toMatchObject({ usedToday: { minor: '100' } });
  });

  it('are set by administrators, and it stays known who set what when', async () => {
    const [me, stranger] = [await aUser(ledger), await aUser(ledger)];
    const input = { walletId: me.walletId, perDay: usd('5'), reason: 'I want to', idempotencyKey: randomUUID() };
    expect((await ledger.ask(me.viewer, SET, { input })).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    await set(me.walletId, { perDay: '5' });
    await set(me.walletId, { perTransfer: '2', perDay: '7' });
    const entry = { reason: 'A trial', actor: admin.principal, changedAt: expect.any(String) };
    expect((await limitsOf(me, admin)).changes).toEqual([
      { ...entry, perTransfer: { minor: '2' }, perDay: { minor: '7' } },
      { ...entry, perTransfer: null, perDay: { minor: '5' } },
    ]);
    expect((await limitsOf(me)).changes).toBeNull();
    expect(await ledger.data(stranger.viewer, LIMITS, { id: me.walletId })).toEqual({ wallet: null });
    await expect(sql(ledger, 'delete from user_limit_changes')).rejects.toThrow(/are facts/);
  });
});

describe('defaults', () => {
  it('hold for those for whom nobody has set anything, and count what was sent before they came', async () => {
    const house = await aLedger({ defaultLimits: { USD: { perTransferMinor: 50n, perDayMinor: 60n } } });
    const [me, free, friend] = [await aUser(house, 500n), await aUser(house, 500n), await aUser(house)];
    expect(await limitsOf(me, me.viewer, house)).toMatchObject({
      perTransfer: { minor: '50' },
      perDay: { minor: '60' },
      usedToday: { minor: '0' },
    });
    await set(free.walletId, {}, house);
    expect(await send(free, friend, '400', {}, house)).toMatchObject({ __typename: 'TransferCreated' });
    expect(await send(me, friend, '51', {}, house)).toMatchObject({ __typename: 'LimitExceeded', kind: 'PER_TRANSFER' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(me, friend, '7', {}, house)));
    expect(kinds(answers, 'TransferCreated')).toHaveLength(8);
    await sql(house, 'delete from user_limits where owner_id = $1', [me.userId]);
    expect(await send(me, friend, '7', {}, house)).toMatchObject({ __typename: 'LimitExceeded' });
    expect(await send(me, friend, '4', {}, house)).toMatchObject({ __typename: 'TransferCreated' });
    expect(await proofOf(house)).toMatchObject({ isOk: true });
    await house.close();
  });

  it('MUST have counted when a bound of the day comes later, and are proved', async () => {
    const house = await aLedger({ defaultLimits: { USD: { perTransferMinor: 50n, perDayMinor: null } } });
    const [me, friend] = [await aUser(house, 500n), await aUser(house)];
    for (const minor of ['10', '10']) expect(await send(me, friend, minor, {}, house)).toMatchObject({ __typename: 'TransferCreated' });
    const later = createSubgraph({
      ...(house.config as LedgerConfig),
      defaultLimits: { USD: { perTransferMinor: 50n, perDayMinor: 25n } },
    });
    const on = { subgraph: later as TestLedger['subgraph'] };
    expect(await send(me, friend, '6', {}, on)).toMatchObject({ __typename: 'LimitExceeded', kind: 'PER_DAY' });
    expect(await send(me, friend, '5', {}, on)).toMatchObject({ __typename: 'TransferCreated' });
    await later.close();
    expect(await proofOf(house)).toMatchObject({ isOk: true });
    await sql(house, 'update user_limits set used_minor = used_minor - 1');
    const { checks } = await proofOf(house);
    expect(checks.filter(({ samples }) => samples.length > 0).map(({ id }) => id)).toEqual(['limits-counted']);
    await house.close();
  });

  it('may be taken back at any hour: what is sent then counts for nothing, and the books prove themselves', async () => {
    const house = await aLedger({ defaultLimits: { USD: { perTransferMinor: null, perDayMinor: 50n } } });
    const [me, friend] = [await aUser(house, 500n), await aUser(house)];
    expect(await send(me, friend, '5', {}, house)).toMatchObject({ __typename: 'TransferCreated' });
    const later = createSubgraph({ ...(house.config as LedgerConfig), defaultLimits: {} });
    const on = { subgraph: later as TestLedger['subgraph'] };
    expect(await send(me, friend, '77', {}, on)).toMatchObject({ __typename: 'TransferCreated' });
    await later.close();
    expect(await proofOf(house)).toMatchObject({ isOk: true });
    await house.close();
  });
});

describe('what stays with the same user', () => {
  it('MUST not count for limits, neither when it is sent nor when a day is added up', async () => {
    const [me, friend] = [await aUser(ledger, 500n), await aUser(ledger)];
    const open = 'mutation ($input: WalletOpenInput!) { walletOpen(input: $input) { ... on WalletOpened { wallet { id } } } }';
    const { walletOpen } = await ledger.data<{ walletOpen: { wallet: { id: string } } }>(me.viewer, open, { input: { currency: 'USD' } });
    const own = { ...me, walletId: walletOpen.wallet.id };
    expect(await send(me, own, '200')).toMatchObject({ __typename: 'TransferCreated' });
    expect(await send(me, friend, '20')).toMatchObject({ __typename: 'TransferCreated' });
    await set(me.walletId, { perDay: '30', perTransfer: '25' });
    expect((await limitsOf(me, me.viewer))?.usedToday).toEqual({ minor: '20' });
    expect(await send(own, me, '150')).toMatchObject({ __typename: 'TransferCreated' });
    expect(await send(me, friend, '11')).toMatchObject({ __typename: 'LimitExceeded', kind: 'PER_DAY' });
    expect(await send(me, friend, '10')).toMatchObject({ __typename: 'TransferCreated' });
  });
});

describe('the books afterwards', () => {
  it('MUST prove themselves, what is used of the limits included', async () => {
    expect(await proofOf(ledger)).toMatchObject({ isOk: true });
    const changed = `update user_limits set used_minor = used_minor + 1 where per_day_minor is not null and used_minor > 0`;
    await sql(ledger, changed);
    const { checks } = await proofOf(ledger);
    expect(checks.filter(({ samples }) => samples.length > 0).map(({ id }) => id)).toEqual(['limits-counted']);
  });
});
