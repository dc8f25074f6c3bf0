import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { OrdersDocument } from '@tessera/sdk';
import { ask, type GraphAnswer } from './graph/ask.ts';
import { eventually } from './graph/eventually.ts';
import { must } from './graph/must.ts';
import { availableOf, give, type Person, register, seeded, walletOf } from './graph/people.ts';
import { offer, quoted } from './graph/shop.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const START = 5_000n;

const TRANSFER = `mutation Send($input: TransferCreateInput!) {
  transferCreate(input: $input) {
    __typename
    ... on TransferCreated { transfer { id amount { minor } } }
    ... on IdempotencyKeyReused { differingFields }
    ... on InsufficientFunds { available { minor } }
    ... on InvalidInput { issues { path code } }
  }
}`;

interface Sent {
  readonly transferCreate: {
    readonly __typename: string;
    readonly transfer?: { readonly id: string };
    readonly differingFields?: readonly string[];
  };
}

let alice: Person;
let bob: Person;
let input: { fromWalletId: string; to: { walletId: string }; amount: { currency: string; minor: string } };
let back: typeof input;

beforeAll(async () => {
  const buyer = await seeded('buyer', platform);
  [alice, bob] = await Promise.all([register(platform), register(platform)]);
  await Promise.all([give(buyer, alice, START), give(buyer, bob, START)]);
  const [ofAlice, ofBob] = await Promise.all([walletOf(alice), walletOf(bob)]);
  input = { fromWalletId: ofAlice.id, to: { walletId: ofBob.id }, amount: { currency: 'USD', minor: '7' } };
  back = { fromWalletId: ofBob.id, to: { walletId: ofAlice.id }, amount: { currency: 'USD', minor: '7' } };
});

function send(who: Person, variables: Readonly<Record<string, unknown>>, headers = {}): Promise<GraphAnswer<Sent>> {
  return ask<Sent>(platform.url, { query: TRANSFER, variables: { input: variables }, token: who.accessToken, headers });
}

describe('the same key', () => {
  test('sent twice has one effect and one outcome, and the second answer says so', async () => {
    const before = await availableOf(alice);
    const idempotencyKey = randomUUID();
    const first = await send(alice, { ...input, idempotencyKey });
    const second = await send(alice, { ...input, idempotencyKey });

    expect(first.data?.transferCreate.__typename).toBe('TransferCreated');
    expect(second.data).toEqual(first.data);
    expect(first.extensions.idempotency ?? { replayed: false }).toMatchObject({ replayed: false });
    expect(second.extensions.idempotency).toMatchObject({ replayed: true });
    expect(await availableOf(alice)).toBe(before - 7n);
  });

  test('sent ten times at once has one effect and one outcome', async () => {
    const before = await availableOf(alice);
    const idempotencyKey = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(alice, { ...input, idempotencyKey })));
    const outcomes = answers.map(({ data }) => data?.transferCreate);
    const created = outcomes.filter((outcome) => outcome?.__typename === 'TransferCreated');

    expect(new Set(outcomes.map((outcome) => outcome?.__typename))).toEqual(new Set(['TransferCreated']));
    expect(new Set(created.map((outcome) => outcome?.transfer?.id)).size).toBe(1);
    expect(await availableOf(alice)).toBe(before - 7n);
  });

  test('with another body is refused and names what differs', async () => {
    const before = await availableOf(alice);
    const idempotencyKey = randomUUID();
    await send(alice, { ...input, idempotencyKey });
    const changed = await send(alice, { ...input, amount: { currency: 'USD', minor: '9' }, note: 'more', idempotencyKey });

    expect(changed.data?.transferCreate.__typename).toBe('IdempotencyKeyReused');
    expect(changed.data?.transferCreate.differingFields).toEqual(['input.amount.minor', 'input.note']);
    expect(await availableOf(alice)).toBe(before - 7n);
  });

  test('gives a refusal again, also when the reason is gone', async () => {
    const idempotencyKey = randomUUID();
    const tooMuch = { ...input, amount: { currency: 'USD', minor: String((await availableOf(alice)) + 1n) }, idempotencyKey };
    expect((await send(alice, tooMuch)).data?.transferCreate.__typename).toBe('InsufficientFunds');
    await give(bob, alice, 2n);
    const again = await send(alice, tooMuch);

    expect(again.data?.transferCreate.__typename).toBe('InsufficientFunds');
    expect(again.extensions.idempotency).toMatchObject({ replayed: true });
  });

  test('is free again after malformed input: nothing was decided', async () => {
    const idempotencyKey = randomUUID();
    const malformed = await send(alice, { ...input, amount: { currency: 'USD', minor: '-7' }, idempotencyKey });
    const mended = await send(alice, { ...input, idempotencyKey });

    expect(malformed.data?.transferCreate.__typename).toBe('InvalidInput');
    expect(mended.data?.transferCreate.__typename).toBe('TransferCreated');
  });

  test('of another person is another key', async () => {
    const idempotencyKey = randomUUID();
    const first = await send(alice, { ...input, idempotencyKey });
    const second = await send(bob, { ...back, idempotencyKey });

    expect(second.data?.transferCreate.__typename).toBe('TransferCreated');
    expect(second.data?.transferCreate.transfer?.id).not.toBe(first.data?.transferCreate.transfer?.id);
  });

  test('of another visitor is another key: each has a cart of their own', async () => {
    const vendor = await seeded('vendor', platform);
    const { variantId } = await offer(vendor, { minor: 100n, count: 1 });
    const query =
      'mutation Add($input: CartLineAddInput!) { cartLineAdd(input: $input) { __typename ... on CartChanged { cart { id itemCount } } } }';
    const variables = { input: { variantId, quantity: 1, currency: 'USD', idempotencyKey: randomUUID() } };
    const first = await ask<Added>(platform.url, { query, variables });
    const visitor = must(first.headers.get('tessera-visitor'), 'a visitor id');
    const again = await ask<Added>(platform.url, { query, variables, headers: { 'tessera-visitor': visitor } });
    const stranger = await ask<Added>(platform.url, { query, variables });

    expect(again.data).toEqual(first.data);
    expect(again.data?.cartLineAdd.cart?.itemCount).toBe(1);
    expect(stranger.data?.cartLineAdd.cart?.id).not.toBe(first.data?.cartLineAdd.cart?.id);
  });
});

interface Added {
  readonly cartLineAdd: { readonly __typename: string; readonly cart?: { readonly id: string; readonly itemCount: number } };
}

describe('the header Idempotency-Key', () => {
  const two = `mutation Twice($input: TransferCreateInput!) {
    a: transferCreate(input: $input) { __typename ... on TransferCreated { transfer { id } } }
    b: transferCreate(input: $input) { __typename ... on TransferCreated { transfer { id } } }
  }`;
  interface Pair {
    readonly a: Sent['transferCreate'];
    readonly b: Sent['transferCreate'];
  }
  const sendTwo = (key: string) =>
    ask<Pair>(platform.url, { query: two, variables: { input }, token: alice.accessToken, headers: { 'idempotency-key': key } });

  test('gives every field of an operation a key of its own', async () => {
    const before = await availableOf(alice);
    const key = randomUUID();
    const first = await sendTwo(key);
    const second = await sendTwo(key);

    expect(first.data?.a.transfer?.id).not.toBe(first.data?.b.transfer?.id);
    expect(second.data).toEqual(first.data);
    expect(second.extensions.idempotency).toMatchObject({ replayed: true, fields: { a: true, b: true } });
    expect(await availableOf(alice)).toBe(before - 14n);
  });

  test('is refused beside another key in the input', async () => {
    const before = await availableOf(alice);
    const answer = await send(alice, { ...input, idempotencyKey: randomUUID() }, { 'idempotency-key': randomUUID() });

    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(await availableOf(alice)).toBe(before);
  });

  test('or a key in the input is needed', async () => {
    const answer = await send(alice, input);
    expect(answer.codes).toEqual(['IDEMPOTENCY_KEY_REQUIRED']);
    expect(answer.data ?? null).toBeNull();
  });
});

test('a checkout sent ten times at once places one order and takes the money once', async () => {
  const vendor = await seeded('vendor', platform);
  const piece = await offer(vendor, { minor: 150n, count: 5 });
  const { checkout, totalMinor } = await quoted(alice, piece);
  const before = await availableOf(alice);
  const query = `mutation Pay($input: CheckoutCompleteInput!) {
    checkoutComplete(input: $input) { __typename ... on CheckoutCompleted { order { id } } }
  }`;
  const variables = { input: { ...checkout, idempotencyKey: randomUUID() } };
  const pay = () =>
    ask<{ checkoutComplete: { __typename: string; order?: { id: string } } }>(platform.url, { query, variables, token: alice.accessToken });
  const outcomes = (await Promise.all(Array.from({ length: 10 }, pay))).map(({ data }) => data?.checkoutComplete);

  expect(new Set(outcomes.map((outcome) => outcome?.__typename))).toEqual(new Set(['CheckoutCompleted']));
  expect(new Set(outcomes.map((outcome) => outcome?.order?.id)).size).toBe(1);
  expect((await alice.client.query(OrdersDocument, { first: 10 })).data.orders.edges).toHaveLength(1);
  await eventually(
    () => availableOf(alice),
    (available) => available === before - totalMinor,
  );
});
