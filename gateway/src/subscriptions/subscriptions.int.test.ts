import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { readSeen } from '@tessera/service-kit/messaging';
import { testRedisUrl } from '@tessera/service-kit/testing';
import { BALANCE, createToyLive, FOLLOW, kinds, side } from '../../test/toy-live.ts';
import {
  ALICE,
  ALICES_ORDER,
  ALICES_WALLET,
  BOB,
  BOBS_ORDER,
  BOBS_WALLET,
  startToyPlatform,
  type ToyPlatform,
} from '../../test/toy-platform.ts';
import { closeClients, closeCode, connect, subscribe, visitorSocket } from '../../test/toy-socket.ts';

const stage = createToyLive();
const { prefix, eventsSecret, redis, publish, orderEvent, movement, open, openCount, settled } = stage;
let platform: ToyPlatform;
let alice: string;
let bob: string;

beforeAll(async () => {
  ({ platform, alice, bob } = await stage.start());
});
afterEach(stage.reset);
afterAll(stage.close);

describe('orderUpdated', () => {
  test('delivers events with what other subgraphs know about the order', async () => {
    const live = await open(alice, FOLLOW, { id: ALICES_ORDER });
    await orderEvent('OrderConfirmed');
    await live.count(1);
    expect(live.events[0]).toMatchObject({
      data: {
        orderUpdated: {
          kind: 'CONFIRMED',
          isReplayed: false,
          order: { id: ALICES_ORDER, state: 'CONFIRMED', customer: { handle: 'alice' }, ledgerTransfers: [{ amount: { minor: '4200' } }] },
        },
      },
    });
  });

  test('asks subgraphs to have seen the event that is being told', async () => {
    const live = await open(alice, FOLLOW, {});
    platform.orders.seen.length = 0;
    const id = await orderEvent('OrderRefunded');
    await live.count(1);
    expect(readSeen(platform.orders.seen.at(-1)?.seen, eventsSecret)).toEqual([{ id, type: 'OrderRefunded' }]);
  });

  test('without an id follows all own orders and no others', async () => {
    const live = await open(alice, FOLLOW, {});
    await orderEvent('OrderConfirmed', { orderId: BOBS_ORDER, customerId: BOB });
    await orderEvent('UnitsDelivered');
    await live.count(1);
    expect(kinds(live)).toEqual(['UNITS_DELIVERED']);
  });

  test('refuses the order of somebody else, and says the same of one that is not there', async () => {
    const [theirs, none] = [
      subscribe(connect(platform.url, bob), FOLLOW, { id: ALICES_ORDER }),
      subscribe(connect(platform.url, bob), FOLLOW, { id: 'ord_x' }),
    ];
    const expected = [
      expect.objectContaining({ message: 'There is no such order, or it is not yours.', extensions: { code: 'FORBIDDEN' } }),
    ];
    expect([await theirs.failed(), await none.failed()]).toEqual([expected, expected]);
  });

  test('checks at every delivery whose event it is', async () => {
    const live = await open(alice, FOLLOW, { id: ALICES_ORDER });
    await orderEvent('OrderConfirmed', { customerId: BOB });
    await orderEvent('OrderExpired');
    await live.count(1);
    expect(kinds(live)).toEqual(['EXPIRED']);
  });
});

describe('after', () => {
  test('goes on behind the cursor, in order, without a gap or a repetition, while events keep coming', async () => {
    const live = await open(alice, FOLLOW, { id: ALICES_ORDER });
    await orderEvent('OrderPlaced');
    await live.count(1);
    const after = live.events[0]?.data?.orderUpdated?.cursor;
    await live.stop();
    await settled();
    for (let i = 0; i < 450; i += 1) await orderEvent('OrderPaymentChanged');
    const resumed = subscribe(connect(platform.url, alice), FOLLOW, { id: ALICES_ORDER, after });
    for (let i = 0; i < 50; i += 1) await orderEvent('OrderConfirmed');
    await resumed.count(500);
    const events = resumed.events.map(({ data }) => data?.orderUpdated);
    const first = events[0]?.sequence ?? 0;
    expect(events.map((event) => event?.sequence)).toEqual(events.map((_, index) => first + index));
    expect(events[0]?.isReplayed).toBe(true);
    expect(first).toBe((live.events[0]?.data?.orderUpdated?.sequence ?? 0) + 1);
  });

  test('refuses a cursor that was not given for this subscription', async () => {
    const live = await open(alice, FOLLOW, {});
    await orderEvent('OrderPlaced');
    await live.count(1);
    const after = String(live.events[0]?.data?.orderUpdated?.cursor);
    const attempts = [
      subscribe(connect(platform.url, alice), BALANCE, { after }),
      subscribe(connect(platform.url, alice), FOLLOW, { after: `${after}x` }),
    ];
    for (const attempt of attempts) expect((await attempt.failed())[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });

  test('older than the stream starts with the state of now, and says so', async () => {
    const orders = await open(alice, FOLLOW, { id: ALICES_ORDER });
    const balances = await open(alice, BALANCE, { id: ALICES_WALLET });
    await orderEvent('OrderPlaced');
    await movement('TransferPosted', side(BOBS_WALLET, BOB, '1', 1), side(ALICES_WALLET, ALICE, '2', 1));
    await Promise.all([orders.count(1), balances.count(1)]);
    const [orderCursor, balanceCursor] = [orders.events[0]?.data?.orderUpdated?.cursor, balances.events[0]?.data?.b?.cursor];
    await Promise.all([orders.stop(), balances.stop()]);
    await settled();
    for (let i = 0; i < 3; i += 1)
      await Promise.all([
        orderEvent('OrderPlaced'),
        movement('HoldPlaced', side(ALICES_WALLET, ALICE, '2', 2 + i), side('acc_1', null, '0', i)),
      ]);
    await redis.xtrim(`${prefix}order-events`, 'MAXLEN', 1);
    await redis.xtrim(`${prefix}ledger-events`, 'MAXLEN', 1);
    const [order, balance] = await Promise.all([
      open(alice, FOLLOW, { id: ALICES_ORDER, after: orderCursor }),
      open(alice, BALANCE, { after: balanceCursor }),
    ]);
    await Promise.all([order.count(1), balance.count(1)]);
    expect(order.events[0]?.data?.orderUpdated).toMatchObject({
      kind: 'RESYNC',
      sequence: 0,
      order: { id: ALICES_ORDER, state: 'CONFIRMED' },
    });
    expect(balance.events[0]?.data?.b).toMatchObject({
      kind: 'RESYNC',
      balance: { minor: '4200', decimal: '42.00' },
      wallet: { id: ALICES_WALLET },
      transfer: null,
    });
    await orderEvent('OrderConfirmed');
    await order.count(2);
    expect(kinds(order)).toEqual(['RESYNC', 'CONFIRMED']);
  });
});

describe('balanceUpdated', () => {
  test('shows each owner their side, with the figures of the event', async () => {
    const [a, b] = await Promise.all([open(alice, BALANCE, {}), open(bob, BALANCE, { id: BOBS_WALLET })]);
    await movement('TransferPosted', side(ALICES_WALLET, ALICE, '1995', 7), side(BOBS_WALLET, BOB, '305', 9));
    await Promise.all([a.count(1), b.count(1)]);
    expect(a.events[0]?.data?.b).toMatchObject({
      kind: 'TRANSFER_OUT',
      sequence: 7,
      balance: { minor: '1995', decimal: '19.95' },
      wallet: { id: ALICES_WALLET },
      transfer: { amount: { minor: '4200' } },
    });
    expect(b.events[0]?.data?.b).toMatchObject({ kind: 'TRANSFER_IN', sequence: 9, balance: { minor: '305' } });
  });

  test('tells both sides of a transfer between own wallets, and resumes between them', async () => {
    const own = await open(alice, BALANCE, {});
    await movement('TransferPosted', side(ALICES_WALLET, ALICE, '1', 8), side('wal_01h455vb4pex5vsknk084sn02s', ALICE, '2', 1));
    await own.count(2);
    expect(kinds(own)).toEqual(['TRANSFER_OUT', 'TRANSFER_IN']);
    const resumed = await open(alice, BALANCE, { after: own.events[0]?.data?.b?.cursor });
    await resumed.count(1);
    expect(kinds(resumed)).toEqual(['TRANSFER_IN']);
  });

  test.each([
    ['HoldPlaced', 'HOLD_PLACED'],
    ['HoldPosted', 'HOLD_POSTED'],
    ['HoldVoided', 'HOLD_RELEASED'],
    ['HoldExpired', 'HOLD_RELEASED'],
  ])('tells the payer of %s', async (type, kind) => {
    const live = await open(alice, BALANCE, { id: ALICES_WALLET });
    await movement(type, side(ALICES_WALLET, ALICE, '1', 9), side('acc_1', null, '0', 1));
    await live.count(1);
    expect(kinds(live)).toEqual([kind]);
  });

  test.each([
    ['HoldPlaced', 'INCOMING_HELD'],
    ['HoldPosted', 'TRANSFER_IN'],
    ['HoldVoided', 'INCOMING_RELEASED'],
    ['HoldExpired', 'INCOMING_RELEASED'],
  ])('tells the one whom %s is for, so that no sequence is left out', async (type, kind) => {
    const live = await open(alice, BALANCE, { id: ALICES_WALLET });
    await movement(type, side('acc_1', null, '0', 1), side(ALICES_WALLET, ALICE, '1', 9));
    await live.count(1);
    expect(kinds(live)).toEqual([kind]);
  });

  test('refuses the wallet of somebody else', async () => {
    expect((await subscribe(connect(platform.url, bob), BALANCE, { id: ALICES_WALLET }).failed())[0]).toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
  });
});

describe('sockets', () => {
  test('may come without a token, and are refused at subscribe', async () => {
    expect((await subscribe(connect(platform.url, null), FOLLOW, {}).failed())[0]).toMatchObject({
      extensions: { code: 'UNAUTHENTICATED' },
    });
  });

  test.each([
    ['query', '{ quick }'],
    ['mutation', 'mutation { sessionClose(input: {}) { isClosed } }'],
  ])('refuse a %s', async (_kind, query) => {
    expect((await subscribe(connect(platform.url, alice), query, {}).failed())[0]).toMatchObject({
      extensions: { code: 'OPERATION_NOT_ALLOWED' },
    });
  });

  test('close with 4403 for a bad token, at expiry, and when the session is revoked', async () => {
    expect(await closeCode(platform.url, 'forged')).toBe(4403);
    expect(await closeCode(platform.url, await platform.token(ALICE, { expiresInSeconds: 1 }))).toBe(4403);
    const sid = newId('session');
    const token = await platform.token(ALICE, { sid });
    const closed = closeCode(platform.url, token, () => publish('user-events', 'SessionRevoked', { userId: ALICE, sessionId: sid }));
    expect(await closed).toBe(4403);
    expect(await closeCode(platform.url, token)).toBe(4403);
  });

  test('take 20 operations, and say so of the next', async () => {
    const client = connect(platform.url, alice);
    const all = Array.from({ length: 21 }, () => subscribe(client, FOLLOW, {}));
    expect((await Promise.race(all.map((each) => each.failed())))[0]).toMatchObject({
      extensions: { code: 'OPERATION_NOT_ALLOWED', maximum: 20 },
    });
  });

  test('close a frame beyond 64 KB', async () => {
    expect(await closeCode(platform.url, 'x'.repeat(65 * 1024))).toBe(1009);
  });

  test('are refused to pages of other origins', async () => {
    expect(await closeCode(platform.url, null, undefined, { origin: 'https://evil.example' })).toBe(403);
  });

  test('count visitors by the address that the trusted proxy saw', async () => {
    const behindProxy = await startToyPlatform({ redisUrl: testRedisUrl(), eventsSecret, config: { trustedProxyHops: 1 } });
    const from = (address: string) => visitorSocket(behindProxy.url, { 'x-forwarded-for': `198.51.100.1, ${address}` });
    try {
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => from('203.0.113.1')));
      expect(new Set(outcomes)).toEqual(new Set(['open']));
      expect(await from('203.0.113.2')).toBe('open');
      expect(await from('203.0.113.1')).toBe(4429);
    } finally {
      await behindProxy.close();
    }
  });

  test('leave nothing behind when they go', async () => {
    await open(alice, FOLLOW, {});
    expect(await openCount()).toBeGreaterThan(0);
    await closeClients();
    await settled();
    expect(await openCount()).toBe(0);
  });
});
