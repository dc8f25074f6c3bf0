import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { aLedger, aUser, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { payer, usd } from '../../test/batches.ts';

const PROBLEM = '__typename ... on Problem { isRetryable } ... on RateLimited { retryAfterMs }';
const CREATE = `mutation ($input: TransferCreateInput!) { transferCreate(input: $input) { ${PROBLEM} } }`;
const BATCH = `mutation ($input: TransferBatchCreateInput!) { transferBatchCreate(input: $input) { ${PROBLEM} } }`;
const BUSY = { __typename: 'RateLimited', isRetryable: true, retryAfterMs: 500 };
const ASKED = 40;

let ledger: TestLedger;
let me: TestUser;
let friend: TestUser;
beforeAll(async () => {
  ledger = await aLedger({ engineQueueLimit: 2 });
  [me, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
});
afterAll(() => ledger.close());

it('tells who comes while the queue is full when to come again, with the same key', async () => {
  const inputs = Array.from({ length: ASKED }, () => ({
    ...{ fromWalletId: me.walletId, to: { walletId: friend.walletId }, amount: usd('1'), idempotencyKey: randomUUID() },
  }));
  const ask = async (input: object) => {
    const { data } = await ledger.ask(me.viewer, CREATE, { input });
    return data?.transferCreate as { readonly __typename: string } | undefined; // as asked
  };
  const answers = await Promise.all(inputs.map(ask));
  const refused = inputs.filter((_, at) => answers[at]?.__typename === 'RateLimited');
  expect(refused.length).toBeGreaterThan(0);
  expect(answers.filter((answer) => answer?.__typename === 'RateLimited')).toEqual(refused.map(() => BUSY));
  for (const input of refused) expect(await ask(input)).toEqual({ __typename: 'TransferCreated' });
  const [moved] = await sql<{ count: string }>(ledger, 'select count(*) from transfers where debit_account_id = $1', [me.walletId]);
  expect(moved?.count).toBe(String(ASKED));
});

it('says the same of a batch for which there is no room, and keeps nothing of it', async () => {
  const items = Array.from({ length: 3 }, () => ({ to: { walletId: friend.walletId }, amount: usd('1') }));
  const input = { fromWalletId: me.walletId, items, idempotencyKey: randomUUID() };
  expect((await ledger.ask(payer(me), BATCH, { input })).data).toEqual({ transferBatchCreate: BUSY });
  expect(await sql(ledger, 'select from idempotency_keys where key = $1', [input.idempotencyKey])).toEqual([]);
});

it('counts a recipient who is not found once for each key, whether or not there was room to remember it at first', async () => {
  const sender = await aUser(ledger, 1n);
  const missesOf = async () => (await sql(ledger, 'select misses from recipient_misses where sender_id = $1', [sender.userId]))[0]?.misses;
  const unknown = { to: { handle: 'nobody-at-all' }, amount: usd('1') };
  const batch = { fromWalletId: sender.walletId, items: [unknown, unknown, unknown], idempotencyKey: randomUUID() };
  expect((await ledger.ask(payer(sender), BATCH, { input: batch })).data).toEqual({ transferBatchCreate: BUSY });
  expect(await missesOf()).toBeUndefined();

  const inputs = Array.from({ length: 5 }, () => ({ fromWalletId: sender.walletId, ...unknown, idempotencyKey: randomUUID() }));
  const ask = async (input: object) => {
    const { data } = await ledger.ask(sender.viewer, CREATE, { input });
    return (data?.transferCreate as { readonly __typename: string } | undefined)?.__typename; // as asked
  };
  const often = inputs.flatMap((input) => [input, input, input]);
  await Promise.all(often.map(ask));
  for (const input of often) expect(await ask(input)).toBe('RecipientNotFound');
  expect(await missesOf()).toBe(inputs.length);
});
