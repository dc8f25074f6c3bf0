import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { signedIdentity } from '@tessera/local';
import { CheckoutCompleteDocument, OrderDocument } from '@tessera/sdk';
import { nextYear, scheduled } from './contract/world.ts';
import { ask, send } from './graph/ask.ts';
import { eventually } from './graph/eventually.ts';
import { must, mustBe } from './graph/must.ts';
import { availableOf, give, type Person, register, seeded, walletOf } from './graph/people.ts';
import { buy, offer, quoted } from './graph/shop.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();

/** Everything that an owner has, by what it is. */
interface Things {
  readonly order: string;
  readonly wallet: string;
  readonly unit: string;
  readonly payment: string;
  readonly transfer: string;
  readonly schedule: string;
  readonly user: string;
}

let owner: Person;
let stranger: Person;
let otherVendor: Person;
let things: Things;

beforeAll(async () => {
  const [vendor, bank] = await Promise.all([seeded('vendor2', platform), seeded('buyer', platform)]);
  otherVendor = await seeded('vendor3', platform);
  [owner, stranger] = await Promise.all([register(platform), register(platform)]);
  const licence = await offer(vendor, { kind: 'DIGITAL_UNITS', minor: 50n, count: 1 });
  const transfer = await give(bank, owner, 1_000n);
  await walletOf(stranger);
  const order = await buy(owner, licence);
  things = {
    order: order.id,
    wallet: (await walletOf(owner)).id,
    unit: must(order.units[0], 'a unit').id,
    payment: must(order.payments?.[0], 'a payment').id,
    transfer,
    schedule: await scheduled(owner, stranger),
    user: owner.id,
  };
});

const asStranger = (query: string, variables: Readonly<Record<string, unknown>> = {}) =>
  ask<Record<string, unknown>>(platform.url, { query, variables, token: stranger.accessToken });

describe('what belongs to somebody else is not there', () => {
  const queries: readonly (readonly [keyof Things, string])[] = [
    ['order', 'query Q($id: ID!) { thing: order(id: $id) { id total { minor } lines { title } } }'],
    ['wallet', 'query Q($id: ID!) { thing: wallet(id: $id) { id balance { minor } } }'],
    ['payment', 'query Q($id: ID!) { thing: payment(id: $id) { id amount { minor } } }'],
    ['transfer', 'query Q($id: ID!) { thing: transfer(id: $id) { id amount { minor } } }'],
  ];

  test.each(queries)('by query: %s', async (kind, query) => {
    const theirs = await asStranger(query, { id: things[kind] });
    const own = await ask<{ thing: { id: string } }>(platform.url, { query, variables: { id: things[kind] }, token: owner.accessToken });
    const nothing = await asStranger(query, { id: things[kind].replace(/.{6}$/, '000000') });

    expect(own.data?.thing?.id).toBe(things[kind]); // the query is right, so that null means what it should
    expect([theirs.data, theirs.codes]).toEqual([{ thing: null }, []]);
    expect([nothing.data, nothing.codes]).toEqual([theirs.data, theirs.codes]);
  });

  test('by query with another role: a vendor who sold nothing of it does not see the order', async () => {
    const query = 'query Q($id: ID!) { order(id: $id) { id } }';
    const answer = await ask(platform.url, { query, variables: { id: things.order }, token: otherVendor.accessToken });
    expect(answer.data).toEqual({ order: null });
  });

  test('by cart id: the cart of a user is for that user', async () => {
    const { data } = await ask<{ me: { cart: { id: string } } }>(platform.url, {
      query: '{ me { cart { id } } }',
      token: owner.accessToken,
    });
    const cartId = must(data?.me.cart, 'a cart').id;
    const query = 'query Q($id: ID!) { cart(cartId: $id) { id } }';
    expect((await asStranger(query, { id: cartId })).data).toEqual({ cart: null });
    expect((await ask(platform.url, { query, variables: { id: cartId } })).data).toEqual({ cart: null });
  });

  const acts: readonly (readonly [string, string, (all: Things) => Readonly<Record<string, unknown>>])[] = [
    ['orderCancel', 'OrderNotFound', ({ order }) => ({ orderId: order })],
    ['unitReveal', 'UnitNotFound', ({ unit }) => ({ unitId: unit })],
    ['transferScheduleCancel', 'ScheduleNotFound', ({ schedule }) => ({ scheduleId: schedule })],
    [
      'transferSchedule',
      'WalletNotFound',
      ({ wallet }) => ({
        ...{ fromWalletId: wallet, to: { email: 'friend@tessera.example' }, amount: { currency: 'USD', minor: '1' } },
        startsAt: nextYear(),
      }),
    ],
    ['walletClose', 'WalletNotFound', ({ wallet }) => ({ walletId: wallet })],
    ['paymentRetry', 'PaymentNotFound', ({ payment, wallet }) => ({ paymentId: payment, walletId: wallet })],
    [
      'transferCreate',
      'WalletNotFound',
      ({ wallet }) => ({ fromWalletId: wallet, to: { email: 'friend@tessera.example' }, amount: { currency: 'USD', minor: '1' } }),
    ],
  ];

  test.each(acts)('by mutation: %s answers %s', async (field, problem, inputOf) => {
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
    const query = `mutation M($input: ${type}!) { outcome: ${field}(input: $input) { __typename } }`;
    const answer = await asStranger(query, { input: { ...inputOf(things), idempotencyKey: randomUUID() } });
    expect([answer.data, answer.codes]).toEqual([{ outcome: { __typename: problem } }, []]);
  });

  test('by checkout: nobody pays from the wallet of somebody else', async () => {
    const before = await availableOf(owner);
    const { checkout } = await quoted(stranger, await offer(otherVendor, { minor: 10n, count: 1 }));
    const input = { ...checkout, walletId: things.wallet };
    const { order } = mustBe(
      (await stranger.client.mutate(CheckoutCompleteDocument, { input })).data.checkoutComplete,
      'CheckoutCompleted',
    );
    const look = async () => (await stranger.client.query(OrderDocument, { id: must(order, 'an order').id })).data.order;
    const declined = await eventually(look, (seen) => seen?.payments?.[0]?.state === 'FAILED');

    expect(declined?.state).toBe('PENDING_PAYMENT');
    expect(await availableOf(owner)).toBe(before);
  });

  test('by a reference of the graph: what leads to a user leads to public fields only', async () => {
    const query = `query Q($id: ID!) { product(id: $id) { vendor { handle email phone roles orders(first: 1) { totalCount } wallets { id } cart { id } units(first: 1) { totalCount } sessions(first: 1) { totalCount } } } }`;
    const { data } = await ask<{ products: { edges: { node: { id: string } }[] } }>(platform.url, {
      query: '{ products(first: 1) { edges { node { id } } } }',
    });
    const answer = await asStranger(query, { id: must(data?.products.edges[0], 'a product').node.id });
    const { handle, ...rest } = must((answer.data?.product as { vendor: Record<string, unknown> } | null)?.vendor, 'a vendor'); // as the query selects
    expect(typeof handle).toBe('string');
    expect(Object.values(rest).filter((value) => value !== null)).toEqual([]);
  });
});

describe('at the own port of a subgraph, what belongs to somebody else is null', () => {
  const entities: readonly (readonly [string, keyof Things, string, string])[] = [
    ['orders', 'order', 'Order', 'number total { minor } lines { title } shippingAddress { name }'],
    ['orders', 'unit', 'Unit', 'description state'],
    ['orders', 'user', 'User', 'orders(first: 5) { totalCount edges { node { id } } } cart { id } units(first: 5) { totalCount }'],
    ['payments', 'payment', 'Payment', 'state amount { minor } attempts { state } clientAction { url } refunds { id } disputes { id }'],
    ['payments', 'user', 'User', 'paymentMethods { id } topUps(first: 5) { totalCount }'],
    ['payments', 'order', 'Order', 'payments { id state }'],
    ['ledger', 'wallet', 'Wallet', 'balance { minor }'],
    ['ledger', 'transfer', 'Transfer', 'amount { minor }'],
    ['ledger', 'schedule', 'TransferSchedule', 'recipient amount { minor } runs { totalCount } fromWallet { id }'],
    ['ledger', 'order', 'Order', 'ledgerTransfers { id }'],
    ['ledger', 'payment', 'Payment', 'ledgerTransfers { id }'],
    ['ledger', 'user', 'User', 'wallets { id }'],
    ['users', 'user', 'User', 'email phone roles sessions(first: 5) { totalCount }'],
  ];

  async function entity(service: string, user: string | undefined, [type, id, fields]: readonly [string, string, string]) {
    const identity = await signedIdentity({ user, roles: user ? ['CUSTOMER'] : [] }, join(platform.dataDir, 'secrets.json'));
    const query = `query E($of: [_Any!]!) { _entities(representations: $of) { __typename ... on ${type} { ${fields} } } }`;
    return send<{ _entities: (Record<string, unknown> | null)[] }>(`${platform.subgraphs[service]}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'tessera-identity': identity },
      body: JSON.stringify({ query, variables: { of: [{ __typename: type, id }] } }),
    });
  }

  test.each(entities)('%s: a foreign %s as %s', async (service, kind, type, fields) => {
    const own = await entity(service, owner.id, [type, things[kind], fields]);
    const foreign = await entity(service, stranger.id, [type, things[kind], fields]);
    const visited = await entity(service, undefined, [type, things[kind], fields]);

    expect(own.errors).toEqual([]);
    expect(told(own.data?._entities[0])).not.toEqual([]); // the owner gets something, so that null means what it should
    expect(told(foreign.data?._entities[0])).toEqual([]);
    expect(told(visited.data?._entities[0])).toEqual([]);
  });
});

/** What an answer gives away: everything but the type, nulls and empty lists. */
function told(entity: Record<string, unknown> | null | undefined): string[] {
  return Object.entries(entity ?? {})
    .filter(([key, value]) => key !== '__typename' && value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([key]) => key);
}
