import { expect, test } from '@jest/globals';
import { CheckoutCompleteDocument, OrderCancelDocument, OrderDocument, StockItemsDocument } from '@tessera/sdk';
import { eventually } from './graph/eventually.ts';
import { must } from './graph/must.ts';
import { availableOf, give, type Person, registerAll, seeded } from './graph/people.ts';
import { offer, quoted, settled } from './graph/shop.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const BUYERS = 50;
const PIECES = 5;
const PRICE = 10n;
/** Price and shipping, with something to spare. */
const FUNDS = 600n;

test('fifty buyers of the last five pieces place exactly five orders', async () => {
  const [vendor, bank] = await Promise.all([seeded('vendor', platform), seeded('buyer', platform)]);
  const [piece, buyers] = await Promise.all([offer(vendor, { minor: PRICE, count: PIECES }), registerAll(BUYERS, platform)]);
  const baskets = await Promise.all(
    buyers.map(async (buyer) => {
      await give(bank, buyer, FUNDS);
      return { buyer, ...(await quoted(buyer, piece)) };
    }),
  );
  const stock = watchStock(vendor, piece.variantId);
  const outcomes = await Promise.all(
    baskets.map(async ({ buyer, checkout }) => ({
      buyer,
      result: (await buyer.client.mutate(CheckoutCompleteDocument, { input: checkout })).data.checkoutComplete,
    })),
  );
  const placed = outcomes.flatMap(({ buyer, result }) =>
    result.__typename === 'CheckoutCompleted' ? [{ buyer, id: must(result.order, 'an order').id }] : [],
  );
  const refused = outcomes.flatMap(({ result }) => (result.__typename === 'OutOfStock' ? [result] : []));

  expect(outcomes.map(({ result }) => result.__typename).filter((name) => name !== 'CheckoutCompleted' && name !== 'OutOfStock')).toEqual(
    [],
  );
  expect(placed).toHaveLength(PIECES);
  expect(refused).toHaveLength(BUYERS - PIECES);
  expect(refused[0]?.lines).toMatchObject([{ requested: 1, available: 0, variant: { id: piece.variantId } }]);

  const orders = await Promise.all(placed.map(({ buyer, id }) => settled(buyer, id)));
  expect(orders.map(({ state }) => state)).toEqual(Array.from({ length: PIECES }, () => 'CONFIRMED'));
  expect(
    await eventually(
      () => stockOf(vendor, piece.variantId),
      ({ reserved }) => reserved === 0,
    ),
  ).toMatchObject({ onHand: 0, reserved: 0, available: 0 });
  expect((await stock.end()).filter(({ onHand, reserved, available }) => Math.min(onHand, reserved, available) < 0)).toEqual([]);
});

test('a cancelled order gives piece and money back', async () => {
  const [vendor, bank] = await Promise.all([seeded('vendor', platform), seeded('buyer', platform)]);
  const [piece, [buyer]] = await Promise.all([offer(vendor, { minor: PRICE, count: 1 }), registerAll(1, platform)]);
  const person = must(buyer, 'a buyer');
  await give(bank, person, FUNDS);
  const { checkout } = await quoted(person, piece);
  const { checkoutComplete } = (await person.client.mutate(CheckoutCompleteDocument, { input: checkout })).data;
  const id = must(checkoutComplete.__typename === 'CheckoutCompleted' ? checkoutComplete.order : null, 'an order').id;
  await settled(person, id);
  const { orderCancel } = (await person.client.mutate(OrderCancelDocument, { input: { orderId: id, reason: 'changed my mind' } })).data;

  expect(orderCancel.__typename).toBe('OrderCancelled');
  expect(
    await eventually(
      () => availableOf(person),
      (minor) => minor === FUNDS,
    ),
  ).toBe(FUNDS);
  expect(await stockOf(vendor, piece.variantId)).toMatchObject({ onHand: 1, reserved: 0, available: 1 });
  // The ledger has moved the money a little before orders has heard of it.
  const { refunded } = await eventually(
    async () => must((await person.client.query(OrderDocument, { id })).data.order, 'the order'),
    (order) => order.state === 'CANCELLED' && order.refunded.minor === order.captured.minor,
  );
  expect(refunded.minor).not.toBe('0');
});

async function stockOf(vendor: Person, variantId: string) {
  const { edges } = (await vendor.client.query(StockItemsDocument, { where: { variantIds: [variantId] } })).data.stockItems;
  return must(edges[0], 'a stock item').node;
}

/** What the vendor sees while people buy. */
function watchStock(vendor: Person, variantId: string) {
  const seen: Awaited<ReturnType<typeof stockOf>>[] = [];
  let isEnded = false;
  const watching = (async () => {
    while (!isEnded) seen.push(await stockOf(vendor, variantId));
  })();
  return {
    end: async () => {
      isEnded = true;
      await watching;
      return seen;
    },
  };
}
