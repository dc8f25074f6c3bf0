import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from './graph/ask.ts';
import { eventually } from './graph/eventually.ts';
import { must } from './graph/must.ts';
import { availableOf, give, logIn, type Person, seeded, walletOf } from './graph/people.ts';
import { buy, type Offer, type Order, offer } from './graph/shop.ts';
import { type Fleet, type Subgraph, startFleet } from './platform/fleet.ts';
import { type StartedPlatform, startPlatform } from './platform/platform.ts';

const ORDER = `query Placed($id: ID!) { order(id: $id) {
  number state total { minor }
  lines { title sku quantity unitPrice { minor } variant { product { title } } }
  payments { state captured { minor } }
  ledgerTransfers { amount { minor } }
} }`;
/** Far below the time that a fetch may take: a dead process refuses at once. */
const QUICK_MS = 4_000;

interface Placed {
  readonly order: {
    readonly lines: readonly {
      readonly title: string;
      readonly unitPrice: { readonly minor: string };
      readonly variant: { readonly product: unknown } | null;
    }[];
    readonly payments: readonly unknown[] | null;
    readonly ledgerTransfers: readonly unknown[] | null;
  } | null;
}

let started: StartedPlatform;
let fleet: Fleet;
let buyer: Person;
let piece: Offer;
let placed: Order;
let walletId: string;

beforeAll(async () => {
  started = await startPlatform();
  const { platform } = started;
  fleet = await startFleet(platform);
  const entrance = { url: fleet.url, mailboxUrl: platform.mailboxUrl };
  buyer = await seeded('buyer', entrance);
  piece = await offer(await seeded('vendor', entrance), { minor: 300n, count: 20 });
  placed = await buy(buyer, piece);
  walletId = (await walletOf(buyer)).id;
});

afterAll(async () => {
  await fleet?.end();
  await started?.process.end();
});

const query = <Data>(text: string, variables: Readonly<Record<string, unknown>> = {}) =>
  ask<Data>(fleet.url, { query: text, variables, token: buyer.accessToken });

/** Runs a test while one subgraph is dead, and starts it again afterwards, whatever came out. */
async function without(name: Subgraph, run: () => Promise<void>): Promise<void> {
  await fleet.kill(name);
  try {
    await run();
  } finally {
    await fleet.restart(name);
  }
}

async function expectWhole(): Promise<void> {
  const look = () => query<Placed>(ORDER, { id: placed.id });
  const { data, errors } = await eventually(look, (answer) => answer.errors.length === 0);
  expect(errors).toEqual([]);
  expect(data?.order).toMatchObject({
    lines: [{ title: piece.title, unitPrice: { minor: '300' }, variant: { product: { title: piece.title } } }],
    payments: [{ state: 'CAPTURED' }],
  });
  expect(data?.order?.ledgerTransfers?.length).toBeGreaterThan(0);
}

describe('services in processes of their own', () => {
  test('answer as one graph', expectWhole);

  test('say in production nothing about their inside', async () => {
    const schema = await query('{ __schema { types { name } } }');
    const typo = await query('{ me { idd } }');
    const pages = await Promise.all(['/', '/graphiql', '/sandbox', '/status.json'].map((path) => fetch(`${fleet.url}${path}`)));

    expect([schema.status, ...schema.codes]).toEqual([400, 'BAD_USER_INPUT']);
    expect([typo.status, ...typo.codes]).toEqual([400, 'BAD_USER_INPUT']);
    expect(typo.errors[0]?.message).not.toMatch(/Did you mean/);
    expect(pages.map(({ status }) => status)).toEqual([200, 404, 404, 404]);
    expect(await pages[0]?.text()).toBe('{"graphql":"/graphql"}');
  });
});

describe('without catalog', () => {
  test('placed orders are readable with titles and prices, and what is missing is null with its reason', () =>
    without('catalog', async () => {
      const { status, data, errors, codes, tookMs } = await query<Placed>(ORDER, { id: placed.id });

      expect(status).toBe(200);
      expect(data?.order).toMatchObject({
        number: placed.number,
        lines: [{ title: piece.title, unitPrice: { minor: '300' } }],
        payments: [{ state: 'CAPTURED' }],
      });
      expect(data?.order?.lines[0]?.variant?.product ?? null).toBeNull();
      expect(new Set(codes)).toEqual(new Set(['SERVICE_UNAVAILABLE']));
      expect(errors[0]?.path?.slice(0, 3)).toEqual(['order', 'lines', 0]);
      expect(tookMs).toBeLessThan(QUICK_MS);
    }));

  test('money moves, and things are sold: orders knows what it needs', () =>
    without('catalog', async () => {
      const before = await availableOf(buyer);
      const { total } = await buy(buyer, piece);
      expect(await availableOf(buyer)).toBe(before - BigInt(total.minor));
      const shelf = await query('{ products(first: 1) { edges { node { id } } } }');
      expect(shelf.codes).toEqual(['SERVICE_UNAVAILABLE']);
    }));

  test('the gateway is ready, and says what is missing', () =>
    without('catalog', async () => {
      const look = async () =>
        (await fetch(`${fleet.url}/health/ready`)).json() as Promise<{ status: string; soft: Record<string, string> }>; // its own health page
      const health = await eventually(look, ({ soft }) => soft.catalog !== 'ok');
      expect(health.soft).toMatchObject({ users: 'ok', orders: 'ok', payments: 'ok', ledger: 'ok' });
      expect((await fetch(`${fleet.url}/health/ready`)).status).toBe(200);
    }));

  test('all is whole again once it is back', expectWhole);
});

test('without orders the wallet works, and the order is null with its reason', async () => {
  await without('orders', async () => {
    const friend = await seeded('friend', { url: fleet.url, mailboxUrl: started.platform.mailboxUrl });
    const before = await availableOf(buyer);
    await give(buyer, friend, 11n);
    const { data, codes } = await query<Placed & { wallet: { id: string } }>(
      `query Q($id: ID!, $wallet: ID!) { order(id: $id) { number } wallet(id: $wallet) { id } }`,
      {
        id: placed.id,
        wallet: walletId,
      },
    );

    expect(await availableOf(buyer)).toBe(before - 11n);
    expect(data).toEqual({ order: null, wallet: { id: walletId } });
    expect(codes).toEqual(['SERVICE_UNAVAILABLE']);
  });
  await expectWhole();
});

test('without payments and ledger an order is readable but for their parts', async () => {
  await without('payments', () =>
    without('ledger', async () => {
      const { data, codes } = await query<Placed>(ORDER, { id: placed.id });
      expect(data?.order?.lines).toMatchObject([{ title: piece.title, variant: { product: { title: piece.title } } }]);
      expect([data?.order?.payments, data?.order?.ledgerTransfers]).toEqual([null, null]);
      expect(new Set(codes)).toEqual(new Set(['SERVICE_UNAVAILABLE']));
    }),
  );
  await expectWhole();
});

test('without users whoever is logged in goes on, and nobody is let in by mistake', async () => {
  await without('users', async () => {
    const { data } = await query<{ wallet: { id: string } }>('query Q($id: ID!) { wallet(id: $id) { id } }', { id: walletId });
    const stranger = await ask(fleet.url, { query: '{ me { id } }', token: `${must(buyer.accessToken.split('.')[0], 'a head')}.e30.xxxx` });
    const late = await ask(fleet.url, {
      query: 'mutation { sessionOpen(input: { email: "buyer@tessera.example", password: "x" }) { __typename } }',
    });

    expect(data?.wallet.id).toBe(walletId);
    expect(stranger.codes).toEqual(['UNAUTHENTICATED']);
    expect(late.codes).toEqual(['SERVICE_UNAVAILABLE']);
  });
  const again = await eventually(
    () => logIn(buyer, { url: fleet.url, mailboxUrl: '' }).catch(() => null),
    (person) => person !== null,
  );
  expect(again?.id).toBe(buyer.id);
});

test('every service ends in order at SIGTERM', async () => {
  expect(await fleet.end()).toEqual([0, 0, 0, 0, 0, 0]);
});
