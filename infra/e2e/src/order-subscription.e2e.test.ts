import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CheckoutCompleteDocument } from '@tessera/sdk';
import { eventually } from './graph/eventually.ts';
import { BALANCES, type Frame, ORDERS, type OrderEvent } from './graph/live-events.ts';
import { type LiveSocket, openSocket } from './graph/live-socket.ts';
import { must, mustBe } from './graph/must.ts';
import { give, type Person, register, seeded } from './graph/people.ts';
import { buy, offer, quoted } from './graph/shop.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const FUNDS = 10_000n;

let alice: Person;
let bob: Person;
let vendor: Person;
let sockets: LiveSocket[] = [];

beforeAll(async () => {
  const bank = await seeded('buyer', platform);
  vendor = await seeded('vendor', platform);
  [alice, bob] = await Promise.all([register(platform), register(platform)]);
  await Promise.all([give(bank, alice, FUNDS), give(bank, bob, FUNDS)]);
});

afterEach(() => {
  for (const socket of sockets) socket.close();
  sockets = [];
});

async function socketOf(person?: Person): Promise<LiveSocket> {
  const socket = await openSocket(platform.url, person?.accessToken);
  sockets.push(socket);
  return socket;
}

describe('orderUpdated', () => {
  test('tells the whole way of an order, with the fields of all subgraphs', async () => {
    const received = (await socketOf(alice)).subscribe<Frame<OrderEvent>>(ORDERS);
    const piece = await offer(vendor, { minor: 120n, count: 5 });
    await eventually(
      () => buy(alice, piece),
      () => received.events.length > 0,
    ); // the first purchase may come before the subscription
    const order = await buy(alice, piece);
    const mine = () => received.events.flatMap(({ data }) => (data?.orderUpdated.order?.id === order.id ? [data.orderUpdated] : []));
    await eventually(
      async () => mine(),
      (events) => events.some(({ order: seen }) => seen?.payments?.[0]?.state === 'CAPTURED'),
    );

    expect(received.events.flatMap(({ errors = [] }) => errors)).toEqual([]);
    expect(received.faults).toEqual([]);
    expect(mine().map(({ kind }) => kind)).toEqual(expect.arrayContaining(['PLACED', 'CONFIRMED']));
    expect(mine()[0]?.order?.lines).toEqual([{ title: piece.title, variant: { product: { title: piece.title } } }]);
    const last = must(mine().at(-1)?.order, 'an order in the last event');
    expect(last.payments).toEqual([{ state: 'CAPTURED' }]);
    expect(must(last.ledgerTransfers, 'transfers').length).toBeGreaterThan(0);
    expect(new Set(mine().map(({ cursor }) => cursor)).size).toBe(mine().length);
  });

  test('of somebody else is refused before the first event', async () => {
    const { id: orderId } = await buy(alice, await offer(vendor, { minor: 10n, count: 1 }));
    const received = (await socketOf(bob)).subscribe<Frame<OrderEvent>>(ORDERS, { orderId });
    const faults = await eventually(
      async () => received.faults,
      (all) => all.length > 0,
    );
    expect(faults.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
    expect(received.events).toEqual([]);
  });

  test('with no id never tells about orders of others', async () => {
    const received = (await socketOf(bob)).subscribe<Frame<OrderEvent>>(ORDERS);
    await buy(alice, await offer(vendor, { minor: 10n, count: 1 }));
    await eventually(
      () => buyAny(bob),
      () => received.events.length > 0,
    );
    const [first] = received.events;
    expect(first?.data?.orderUpdated.order).not.toBeNull(); // an order of somebody else would come without its fields, or not at all
    expect(received.events.flatMap(({ errors = [] }) => errors)).toEqual([]);
  });
});

async function buyAny(person: Person): Promise<string> {
  const { checkout } = await quoted(person, await offer(vendor, { minor: 10n, count: 1 }));
  const { checkoutComplete } = (await person.client.mutate(CheckoutCompleteDocument, { input: checkout })).data;
  return must(mustBe(checkoutComplete, 'CheckoutCompleted').order, 'an order').id;
}

describe('a socket', () => {
  test('of a visitor gets nothing, and is told why', async () => {
    const socket = await socketOf();
    const received = [socket.subscribe(ORDERS), socket.subscribe(BALANCES)];
    await eventually(async () => received.every(({ faults }) => faults.length > 0), Boolean);
    expect(received.flatMap(({ faults }) => faults.map(({ extensions }) => extensions?.code))).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
    ]);
  });

  test('with a bad token is closed with 4403', async () => {
    const socket = await openSocket(platform.url, 'garbage');
    expect(
      await eventually(
        async () => socket.closeCode(),
        (code) => code > 0,
      ),
    ).toBe(4403);
  });

  test('is closed with 4403 when its session is closed', async () => {
    const leaving = await register(platform);
    const socket = await socketOf(leaving);
    socket.subscribe(BALANCES);
    expect(mustBe(await leaving.client.session.close(), 'SessionClosed').closedCount).toBe(1);
    expect(
      await eventually(
        async () => socket.closeCode(),
        (code) => code > 0,
      ),
    ).toBe(4403);
  });

  test('refuses a cursor that somebody made up, and queries', async () => {
    const socket = await socketOf(alice);
    const forged = socket.subscribe(BALANCES, { after: 'made.up' });
    const asked = socket.subscribe('{ me { id } }');
    await eventually(async () => forged.faults.length > 0 && asked.faults.length > 0, Boolean);
    expect([...forged.faults, ...asked.faults].map(({ extensions }) => extensions?.code)).toEqual([
      'BAD_USER_INPUT',
      'OPERATION_NOT_ALLOWED',
    ]);
  });
});
