import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aLedger, aUser, proofOf, published, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { sendBatch } from '../../test/batches.ts';
import { backdate, runDue, schedule, seen } from '../../test/schedules.ts';

const CREATE = `mutation ($input: TransferCreateInput!) { transferCreate(input: $input) { __typename ... on Problem { code } } }`;
const OPEN = `mutation ($input: WalletOpenInput!) { walletOpen(input: $input) { __typename ... on WalletOpened { wallet { id } } } }`;

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

async function send(from: TestUser, to: TestUser, currency: string, idempotencyKey: string = randomUUID()): Promise<string> {
  const input = { fromWalletId: from.walletId, to: { handle: to.handle }, amount: { currency, minor: '1' }, idempotencyKey };
  const { data, errors } = await ledger.ask(from.viewer, CREATE, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  return (data as { transferCreate: { __typename: string } }).transferCreate.__typename;
}

/** The user, who pays from a wallet in another currency than the one of the house. */
async function payingIn(user: TestUser, currency: 'JPY' | 'EUR', amountMinor: bigint): Promise<TestUser> {
  if (amountMinor > 0n)
    return {
      ...user,
      ...(await ledger.subgraph.services.operator.fund({ walletOwnerId: user.userId, currency, amountMinor, factKey: randomUUID() })),
    };
  const { walletOpen } = await ledger.data<{ walletOpen: { wallet: { id: string } } }>(user.viewer, OPEN, { input: { currency } });
  return { ...user, walletId: walletOpen.wallet.id };
}

const walletsOf = async ({ userId }: TestUser): Promise<string[]> =>
  (await sql<{ currency: string }>(ledger, 'select currency from accounts where owner_id = $1 order by id', [userId])).map(
    ({ currency }) => currency,
  );
const toldOf = async ({ userId }: TestUser): Promise<string[]> =>
  (await published(ledger, 'WalletOpened')).filter(({ ownerId }) => ownerId === userId).map(({ currency }) => currency);

describe('who has no wallet in a currency', () => {
  it('MUST not get one by what is refused', async () => {
    const [poor, victim] = [await aUser(ledger), await aUser(ledger)];
    const [yen, key] = [await payingIn(poor, 'JPY', 0n), randomUUID()];
    expect(await send(yen, victim, 'JPY', key)).toBe('InsufficientFunds');
    expect(await sendBatch(ledger, yen, [{ to: { handle: victim.handle }, amount: { currency: 'JPY', minor: '1' } }])).toMatchObject({
      results: [{ __typename: 'InsufficientFunds' }],
    });
    const two = [0, 1].map(() => ({ to: { handle: victim.handle }, amount: { currency: 'JPY', minor: '1' } }));
    expect(await sendBatch(ledger, await payingIn(poor, 'JPY', 1n), two, { atomic: true })).toMatchObject({ itemIndex: 1 });
    expect([await walletsOf(victim), await toldOf(victim)]).toEqual([['USD'], ['USD']]);
    expect(await send(yen, victim, 'JPY', key)).toBe('InsufficientFunds');
  });

  it('MUST not get one by the run of a schedule that is refused, and gets one by a run that is not', async () => {
    const [payer, victim] = [await aUser(ledger), await aUser(ledger)];
    const euros = await payingIn(payer, 'EUR', 0n);
    const planned = await schedule(ledger, euros, { handle: victim.handle }, '1', {
      amount: { currency: 'EUR', minor: '1' },
      repeat: { every: 'WEEKLY', timeZone: 'UTC' },
    });
    await backdate(ledger, planned.schedule?.id, 1);
    await runDue(ledger);
    expect((await seen(ledger, euros))?.[0]?.runs.edges.map(({ node }) => node.refusal)).toEqual(['INSUFFICIENT_FUNDS']);
    expect([await walletsOf(victim), await toldOf(victim)]).toEqual([['USD'], ['USD']]);
    await payingIn(payer, 'EUR', 1n);
    await backdate(ledger, planned.schedule?.id, 7);
    await runDue(ledger);
    expect([await walletsOf(victim), await toldOf(victim)]).toEqual([
      ['USD', 'EUR'],
      ['USD', 'EUR'],
    ]);
  });

  it('gets one with the first of several transfers that come at once, and is told of it before of the money', async () => {
    const [friend, ...payers] = await Promise.all(Array.from({ length: 7 }, () => aUser(ledger)));
    if (!friend) throw new Error('Nobody to receive.');
    const inYen = await Promise.all(payers.map((payer) => payingIn(payer, 'JPY', 1n)));
    expect(await Promise.all(inYen.map((payer) => send(payer, friend, 'JPY')))).toEqual(inYen.map(() => 'TransferCreated'));
    expect([await walletsOf(friend), await toldOf(friend)]).toEqual([
      ['USD', 'JPY'],
      ['USD', 'JPY'],
    ]);
    const [wallet] = await sql<{ id: string; is_default: boolean; credits_posted: string }>(
      ledger,
      `select id, is_default, credits_posted from accounts where owner_id = $1 and currency = 'JPY'`,
      [friend.userId],
    );
    expect(wallet).toMatchObject({ is_default: true, credits_posted: '6' });
    const [told] = await sql(
      ledger,
      `select bool_and(o.ordinal > w.ordinal) as "isAfter" from outbox_events o, outbox w
       where w.aggregate_id = $1 and o.type = 'TransferPosted' and o.payload -> 'credit' ->> 'accountId' = $1`,
      [wallet?.id],
    );
    expect(told).toEqual({ isAfter: true });
    expect(await proofOf(ledger)).toMatchObject({ isOk: true });
  });

  it('can open ten of their own whatever others have opened for them', async () => {
    const [payer, victim] = [await aUser(ledger), await aUser(ledger)];
    for (const currency of ['JPY', 'EUR'] as const)
      expect(await send(await payingIn(payer, currency, 1n), victim, currency)).toBe('TransferCreated');
    const opened = Array.from({ length: 11 }, () =>
      ledger.data<{ walletOpen: { __typename: string } }>(victim.viewer, OPEN, { input: { currency: 'USD' } }),
    );
    const kinds = (await Promise.all(opened)).map(({ walletOpen }) => walletOpen.__typename);
    expect(kinds.filter((kind) => kind === 'WalletOpened')).toHaveLength(10);
  });
});
