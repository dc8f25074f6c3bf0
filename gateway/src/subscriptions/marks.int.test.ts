import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@tessera/service-kit/testing';
import { BALANCE, createToyLive, FOLLOW, kinds, side } from '../../test/toy-live.ts';
import { ALICE, ALICES_ORDER, ALICES_WALLET, BOB, BOBS_WALLET } from '../../test/toy-platform.ts';

const stage = createToyLive();
const { unmark, orderEvent, movement, open, settled } = stage;
let alice: string;
let bob: string;

beforeAll(async () => {
  ({ alice, bob } = await stage.start());
});
afterEach(stage.reset);
afterAll(stage.close);

describe('an entry without the mark of a service', () => {
  async function cursorOf(query: string, variables: Record<string, unknown>, publishOne: () => Promise<unknown>): Promise<unknown> {
    const live = await open(alice, query, variables);
    await publishOne();
    await live.count(1);
    await live.stop();
    await settled();
    const { data } = live.events[0] ?? {};
    return (data?.orderUpdated ?? data?.b)?.cursor;
  }

  test.each([
    ['some', 3],
    ['a page that is full without it', 300],
  ])('among what is resumed: the state of now in place of all of it, %s', async (_how, count) => {
    const after = await cursorOf(FOLLOW, { id: ALICES_ORDER }, () => orderEvent('OrderPlaced'));
    await orderEvent('OrderExpired', { isForged: true });
    for (let i = 0; i < count; i += 1) await orderEvent('OrderPaymentChanged');
    const resumed = await open(alice, FOLLOW, { id: ALICES_ORDER, after });
    await resumed.count(1);
    await orderEvent('OrderConfirmed');
    await eventually('the news comes', async () => kinds(resumed).at(-1) === 'CONFIRMED');
    expect(kinds(resumed)[0]).toBe('RESYNC');
    expect(kinds(resumed)).not.toContain('EXPIRED');
  });

  test('among all that is resumed: the state of now, for orders and balances', async () => {
    const orderCursor = await cursorOf(FOLLOW, { id: ALICES_ORDER }, () => orderEvent('OrderPlaced'));
    const moved = () => movement('TransferPosted', side(BOBS_WALLET, BOB, '1', 1), side(ALICES_WALLET, ALICE, '2', 1));
    const balanceCursor = await cursorOf(BALANCE, { id: ALICES_WALLET }, moved);
    await Promise.all([orderEvent('OrderConfirmed'), moved()]);
    await Promise.all([unmark('order-events'), unmark('ledger-events')]);
    const [order, balance] = await Promise.all([
      open(alice, FOLLOW, { id: ALICES_ORDER, after: orderCursor }),
      open(alice, BALANCE, { id: ALICES_WALLET, after: balanceCursor }),
    ]);
    await Promise.all([order.count(1), balance.count(1)]);
    expect([kinds(order)[0], kinds(balance)[0]]).toEqual(['RESYNC', 'RESYNC']);
  });

  test('among what is live: the state of now, then what follows it', async () => {
    const [mine, theirs, balance] = [
      await open(alice, FOLLOW, { id: ALICES_ORDER }),
      await open(bob, FOLLOW, {}),
      await open(alice, BALANCE, { id: ALICES_WALLET }),
    ];
    await orderEvent('OrderPlaced');
    await mine.count(1);
    await orderEvent('OrderExpired', { isForged: true });
    await orderEvent('OrderConfirmed');
    await eventually('they go on', async () => kinds(mine).length === 3 && kinds(theirs).length === 1);
    expect(kinds(mine)).toEqual(['PLACED', 'RESYNC', 'CONFIRMED']);
    // Whose event it was cannot be known.
    expect(kinds(theirs)).toEqual(['RESYNC']);
    expect(kinds(balance)).toEqual([]);
    expect(mine.events[1]?.data?.orderUpdated).toMatchObject({
      sequence: 0,
      isReplayed: false,
      order: { id: ALICES_ORDER, state: 'CONFIRMED' },
    });
  });
});
