import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BalanceUpdatedDocument, CheckoutCompleteDocument, createTesseraClient } from '@tessera/sdk';
import { WebSocket } from 'ws';
import type { GraphFault } from './graph/ask.ts';
import { eventually } from './graph/eventually.ts';
import { type LiveSocket, openSocket, type Received } from './graph/live-socket.ts';
import { must, mustBe } from './graph/must.ts';
import { availableOf, give, type Person, register, seeded, walletOf } from './graph/people.ts';
import { buy, offer, quoted } from './graph/shop.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const FUNDS = 10_000n;

/** As the issue of the walking supergraph selects it: fields of four subgraphs. */
const ORDERS = `subscription Orders($orderId: ID, $after: Cursor) { orderUpdated(orderId: $orderId, after: $after) {
  cursor sequence kind isReplayed
  order { id lines { title variant { product { title } } } payments { state } ledgerTransfers { amount { minor } } }
} }`;
const BALANCES = `subscription Balances($walletId: ID, $after: Cursor) { balanceUpdated(walletId: $walletId, after: $after) {
  cursor sequence kind isReplayed balance { minor } available { minor } wallet { id } transfer { id amount { minor } }
} }`;

interface Frame<Event> {
  readonly data: Event | null;
  readonly errors?: readonly GraphFault[];
}
interface OrderEvent {
  readonly orderUpdated: {
    readonly cursor: string;
    readonly kind: string;
    readonly order: {
      readonly id: string;
      readonly lines: readonly { readonly title: string; readonly variant: { readonly product: { readonly title: string } } | null }[];
      readonly payments: readonly { readonly state: string }[] | null;
      readonly ledgerTransfers: readonly { readonly amount: { readonly minor: string } }[] | null;
    } | null;
  };
}
interface BalanceEvent {
  readonly balanceUpdated: {
    readonly cursor: string;
    readonly sequence: number;
    readonly kind: string;
    readonly isReplayed: boolean;
    readonly balance: { readonly minor: string };
    readonly transfer: { readonly amount: { readonly minor: string } } | null;
  };
}

let alice: Person;
let bob: Person;
let vendor: Person;
let sockets: LiveSocket[] = [];

beforeAll(async () => {
  const bank = await seeded('buyer', platform);
  vendor = await seeded('vendor', platform);
  [alice, bob] = await Promise.all([register(platform), register(platform)]);
  await Promise.all([give(bank, alice, FUNDS), give(bank, bob, FUNDS)]);
}, 60_000);

afterEach(() => {
  for (const socket of sockets) socket.close();
  sockets = [];
});

async function socketOf(person?: Person): Promise<LiveSocket> {
  const socket = await openSocket(platform.url, person?.accessToken);
  sockets.push(socket);
  return socket;
}

/** The protocol does not answer a subscribe: money moves until the first event tells that it is followed. */
async function followed(received: Received<Frame<BalanceEvent>>): Promise<void> {
  await eventually(async () => give(bob, alice, 1n), () => received.events.length > 0);
}

const sequencesOf = ({ events }: Received<Frame<BalanceEvent>>) => events.map(({ data }) => must(data, 'data').balanceUpdated.sequence);

describe('orderUpdated', () => {
  test('tells the whole way of an order, with the fields of all subgraphs', async () => {
    const received = (await socketOf(alice)).subscribe<Frame<OrderEvent>>(ORDERS);
    const piece = await offer(vendor, { minor: 120n, count: 5 });
    await eventually(() => buy(alice, piece), () => received.events.length > 0); // the first purchase may come before the subscription
    const order = await buy(alice, piece);
    const mine = () => received.events.flatMap(({ data }) => (data?.orderUpdated.order?.id === order.id ? [data.orderUpdated] : []));
    await eventually(async () => mine(), (events) => events.some(({ order: seen }) => seen?.payments?.[0]?.state === 'CAPTURED'));

    expect(received.events.flatMap(({ errors = [] }) => errors)).toEqual([]);
    expect(received.faults).toEqual([]);
    expect(mine().map(({ kind }) => kind)).toEqual(expect.arrayContaining(['PLACED', 'CONFIRMED']));
    expect(mine()[0]?.order?.lines).toEqual([{ title: piece.title, variant: { product: { title: piece.title } } }]);
    const last = must(mine().at(-1)?.order, 'an order in the last event');
    expect(last.payments).toEqual([{ state: 'CAPTURED' }]);
    expect(must(last.ledgerTransfers, 'transfers').length).toBeGreaterThan(0);
    expect(new Set(mine().map(({ cursor }) => cursor)).size).toBe(mine().length);
  }, 40_000);

  test('of somebody else is refused before the first event', async () => {
    const { id: orderId } = await buy(alice, await offer(vendor, { minor: 10n, count: 1 }));
    const received = (await socketOf(bob)).subscribe<Frame<OrderEvent>>(ORDERS, { orderId });
    const faults = await eventually(async () => received.faults, (all) => all.length > 0);
    expect(faults.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
    expect(received.events).toEqual([]);
  }, 40_000);

  test('with no id never tells about orders of others', async () => {
    const received = (await socketOf(bob)).subscribe<Frame<OrderEvent>>(ORDERS);
    await buy(alice, await offer(vendor, { minor: 10n, count: 1 }));
    await eventually(() => buyAny(bob), () => received.events.length > 0);
    const [first] = received.events;
    expect(first?.data?.orderUpdated.order).not.toBeNull(); // an order of somebody else would come without its fields, or not at all
    expect(received.events.flatMap(({ errors = [] }) => errors)).toEqual([]);
  }, 40_000);
});

async function buyAny(person: Person): Promise<string> {
  const { checkout } = await quoted(person, await offer(vendor, { minor: 10n, count: 1 }));
  const { checkoutComplete } = (await person.client.mutate(CheckoutCompleteDocument, { input: checkout })).data;
  return must(mustBe(checkoutComplete, 'CheckoutCompleted').order, 'an order').id;
}

describe('balanceUpdated', () => {
  test('tells every movement once, in order, with the balance after it', async () => {
    const received = (await socketOf(alice)).subscribe<Frame<BalanceEvent>>(BALANCES, { walletId: (await walletOf(alice)).id });
    await followed(received);
    const balance = await availableOf(alice);
    for (const minor of [3n, 5n, 7n]) await give(bob, alice, minor);
    await give(alice, bob, 4n);
    const moved = () => received.events.flatMap(({ data }) => (data && data.balanceUpdated.transfer?.amount.minor !== '1' ? [data.balanceUpdated] : []));
    await eventually(async () => moved().length, (count) => count >= 4);

    expect(moved().map(({ kind, transfer }) => [kind, transfer?.amount.minor])).toEqual([
      ['TRANSFER_IN', '3'],
      ['TRANSFER_IN', '5'],
      ['TRANSFER_IN', '7'],
      ['TRANSFER_OUT', '4'],
    ]);
    expect(moved().map(({ balance: after }) => BigInt(after.minor) - balance)).toEqual([3n, 8n, 15n, 11n]);
    expect(isGapless(sequencesOf(received))).toBe(true);
  }, 30_000);

  test('of somebody else is refused', async () => {
    const received = (await socketOf(bob)).subscribe<Frame<BalanceEvent>>(BALANCES, { walletId: (await walletOf(alice)).id });
    const faults = await eventually(async () => received.faults, (all) => all.length > 0);
    expect(faults.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
  });

  test('goes on behind the last event after the line was cut again and again, without loss or repetition', async () => {
    const walletId = (await walletOf(alice)).id;
    const seen: BalanceEvent['balanceUpdated'][] = [];
    const moving = (async () => {
      for (let count = 0; count < 40; count += 1) await give(bob, alice, 1n);
    })();
    let isDone = false;
    void moving.then(() => {
      isDone = true;
    });
    const first = (await socketOf(alice)).subscribe<Frame<BalanceEvent>>(BALANCES, { walletId });
    await eventually(async () => first.events.length, (count) => count > 0);
    const start = sequencesOf(first)[0] ?? 0;
    seen.push(...first.events.map(({ data }) => must(data, 'data').balanceUpdated));
    sockets[0]?.cut();
    while (!isDone) await readSome(walletId, seen, 3);
    const end = must((await tail(walletId)).at(-1), 'a last event').sequence;
    await eventually(() => readSome(walletId, seen, 1), () => (seen.at(-1)?.sequence ?? 0) >= end);

    const sequences = seen.map(({ sequence }) => sequence);
    expect(sequences[0]).toBe(start);
    expect(sequences.length).toBeGreaterThanOrEqual(40);
    expect(isGapless(sequences)).toBe(true);
    expect(seen.some(({ isReplayed }) => isReplayed)).toBe(true);
    expect(seen.map(({ kind }) => kind)).not.toContain('RESYNC');
  }, 60_000);

  /** A line of its own that is cut after so many events. */
  async function readSome(walletId: string, seen: BalanceEvent['balanceUpdated'][], count: number): Promise<void> {
    const socket = await socketOf(alice);
    const received = socket.subscribe<Frame<BalanceEvent>>(BALANCES, { walletId, after: seen.at(-1)?.cursor });
    await eventually(async () => received.events.length, (arrived) => arrived >= count, 1_500).catch(() => undefined); // there may be no more
    socket.cut();
    seen.push(...received.events.map(({ data }) => must(data, 'data').balanceUpdated));
  }

  /** One more movement, to know how far the sequence has come. */
  async function tail(walletId: string): Promise<BalanceEvent['balanceUpdated'][]> {
    const received = (await socketOf(alice)).subscribe<Frame<BalanceEvent>>(BALANCES, { walletId });
    await followed(received);
    return received.events.map(({ data }) => must(data, 'data').balanceUpdated);
  }

  test('goes on by itself in the SDK when its connection is lost', async () => {
    const lines: WebSocket[] = [];
    class KnownSocket extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        lines.push(this);
      }
    }
    const client = createTesseraClient({ url: platform.url, clientName: 'e2e', webSocket: KnownSocket });
    await client.session.open({ email: alice.email, password: alice.password });
    const ending = new AbortController();
    const sequences: number[] = [];
    const listening = (async () => {
      for await (const { data } of client.subscribe(BalanceUpdatedDocument, {}, { signal: ending.signal })) sequences.push(data.balanceUpdated.sequence);
    })().catch((error: unknown) => error);
    await eventually(() => give(bob, alice, 1n), () => sequences.length > 0);
    const [start = 0] = sequences;
    for (let count = 0; count < 12; count += 1) {
      await give(bob, alice, 1n);
      if (count % 4 === 1) lines.at(-1)?.terminate();
    }
    await eventually(async () => sequences.length, (count) => count >= 13);
    ending.abort();
    await client.close();
    await listening;

    expect(lines.length).toBeGreaterThan(2);
    expect(isGapless(sequences)).toBe(true);
    expect(sequences[0]).toBe(start);
  }, 40_000);
});

describe('a socket', () => {
  test('of a visitor gets nothing, and is told why', async () => {
    const socket = await socketOf();
    const received = [socket.subscribe(ORDERS), socket.subscribe(BALANCES)];
    await eventually(async () => received.every(({ faults }) => faults.length > 0), Boolean);
    expect(received.flatMap(({ faults }) => faults.map(({ extensions }) => extensions?.code))).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });

  test('with a bad token is closed with 4403', async () => {
    const socket = await openSocket(platform.url, 'garbage');
    expect(await eventually(async () => socket.closeCode(), (code) => code > 0)).toBe(4403);
  });

  test('is closed with 4403 when its session is closed', async () => {
    const leaving = await register(platform);
    const socket = await socketOf(leaving);
    socket.subscribe(BALANCES);
    expect(mustBe(await leaving.client.session.close(), 'SessionClosed').closedCount).toBe(1);
    expect(await eventually(async () => socket.closeCode(), (code) => code > 0)).toBe(4403);
  });

  test('refuses a cursor that somebody made up, and queries', async () => {
    const socket = await socketOf(alice);
    const forged = socket.subscribe(BALANCES, { after: 'made.up' });
    const asked = socket.subscribe('{ me { id } }');
    await eventually(async () => forged.faults.length > 0 && asked.faults.length > 0, Boolean);
    expect([...forged.faults, ...asked.faults].map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT', 'OPERATION_NOT_ALLOWED']);
  });
});

function isGapless(sequences: readonly number[]): boolean {
  return sequences.every((sequence, index) => index === 0 || sequence === (sequences[index - 1] ?? 0) + 1);
}
