import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { send } from './graph/ask.ts';
import { availableOf, give, type Person, registerAll, seeded, walletOf } from './graph/people.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const ITEMS = 1_000;
const BATCH = `mutation Batch($input: TransferBatchCreateInput!) { transferBatchCreate(input: $input) {
  __typename ... on Problem { code path } ... on TransferBatchCreated { createdCount results { __typename ... on TransferCreated { transfer { id note } } } } } }`;

interface Answer {
  readonly transferBatchCreate: {
    readonly createdCount?: number;
    readonly results?: readonly { readonly transfer?: { readonly note: string } }[];
  };
}

let payer: Person;
let friends: Person[];
let walletIds: string[];

beforeAll(async () => {
  const buyer = await seeded('buyer', platform);
  [payer, friends] = [await seeded('vendor', platform), await registerAll(3, platform)];
  await give(buyer, payer, 5_000n);
  walletIds = await Promise.all(friends.map(async (friend) => (await walletOf(friend)).id));
}, 60_000);

const anItem = (at: number, more: object = {}) => ({
  ...{ to: { walletId: walletIds[at % walletIds.length] }, amount: { currency: 'USD', minor: '1' }, note: `${at} ${'é'.repeat(130)}` },
  ...more,
});
const items = (count: number) => Array.from({ length: count }, (_, at) => anItem(at));
async function pay(
  input: object,
  { token = payer.accessToken, ...body }: { readonly token?: string; readonly [field: string]: unknown } = {},
) {
  const variables = { input: { fromWalletId: (await walletOf(payer)).id, idempotencyKey: randomUUID(), ...input } };
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return send<Answer>(`${platform.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: BATCH, variables, ...body }) });
}

test('a vendor pays a thousand at once, with a body beyond that of ordinary operations, and a retry answers the same', async () => {
  const input = { items: items(ITEMS), idempotencyKey: randomUUID() };
  expect(Buffer.byteLength(JSON.stringify(input))).toBeGreaterThan(256 * 1_024);
  const before = await availableOf(payer);
  const first = await pay(input);
  expect([first.errors, first.data?.transferBatchCreate.createdCount]).toEqual([[], ITEMS]);
  expect(first.data?.transferBatchCreate.results?.map(({ transfer }) => transfer?.note)).toEqual(input.items.map(({ note }) => note));
  expect((await pay(input)).data).toEqual(first.data);
  expect(before - (await availableOf(payer))).toBe(BigInt(ITEMS));
}, 60_000);

test('1,001 are refused by a problem with the place, and far more by the gateway', async () => {
  const { data, errors } = await pay({ items: items(ITEMS + 1) });
  expect(errors).toEqual([]);
  expect(data?.transferBatchCreate).toMatchObject({ __typename: 'InvalidInput', path: ['input', 'items'] });
  const many = await pay({ items: items(2 * ITEMS) });
  expect([many.status, many.data ?? null]).toEqual([400, null]);
  expect(many.errors).toMatchObject([{ extensions: { code: 'OPERATION_NOT_ALLOWED', limit: 'largeListItems', path: ['input', 'items'] } }]);
});

test('what a scalar refuses is told with its place', async () => {
  const { errors } = await pay({ items: [anItem(0), anItem(1, { amount: { currency: 'USD', minor: 5 } })] });
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['input', 'items', '1', 'amount', 'minor'] } }]);
});

test('who is no vendor may not', async () => {
  const { codes } = await pay({ items: items(1) }, { token: (await seeded('buyer', platform)).accessToken });
  expect(codes).toEqual(['FORBIDDEN']);
});

test('a batch may be sent by the hash of an operation that is known', async () => {
  await pay({ items: items(1) });
  const sha256Hash = createHash('sha256').update(BATCH).digest('hex');
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  const register = await pay({ items: items(1) }, { extensions });
  expect(register.errors).toEqual([]);
  const byHash = await pay({ items: items(300) }, { query: undefined, extensions });
  expect([byHash.errors, byHash.data?.transferBatchCreate.createdCount]).toEqual([[], 300]);
});
