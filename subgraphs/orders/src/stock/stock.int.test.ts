import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { actAs, anOrder, type OrdersStage, startOrders, tell } from '../../test/orders-stage.ts';

const ADJUST = `mutation ($input: StockAdjustInput!) { stockAdjust(input: $input) { __typename
  ... on StockAdjusted { delta stockItem { onHand reserved available isLow } } ... on StockBelowReserved { reserved } } }`;

describe('stock', () => {
  let stage: OrdersStage;
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  const adjust = async (viewer: Viewer, input: object) =>
    (await stage.data<{ stockAdjust: object }>(viewer, ADJUST, { input: { reason: 'count', ...input } })).stockAdjust;

  it('is changed by its vendor, by a difference or to a count, never below what is reserved', async () => {
    const vendor = actAs.vendor();
    const { variantId } = await stage.aVariant({ vendorId: vendor.userId });
    expect(await adjust(vendor, { variantId, delta: 10 })).toMatchObject({
      delta: 10,
      stockItem: { onHand: 10, reserved: 0, isLow: false },
    });
    await anOrder(stage, actAs.user(), variantId, 4);
    expect(await adjust(vendor, { variantId, onHand: 3 })).toEqual({ __typename: 'StockBelowReserved', reserved: 4 });
    expect(await adjust(vendor, { variantId, onHand: 4 })).toMatchObject({ delta: -6, stockItem: { available: 0, isLow: true } });
    expect(await adjust(actAs.vendor(), { variantId, delta: 1 })).toEqual({ __typename: 'VariantNotFound' });
    expect(await adjust(actAs.admin(), { variantId, delta: 1 })).toMatchObject({ __typename: 'StockAdjusted' });
    // The scope opens it, not the role.
    const clerk = actAs.user(undefined, { scopes: ['stock:write', 'stock:read', 'catalog:admin'] });
    expect(await adjust(clerk, { variantId, delta: 1 })).toMatchObject({ __typename: 'StockAdjusted' });
    const narrowed = actAs.user(undefined, { roles: ['ADMIN'], scopes: ['stock:write', 'stock:read'] });
    expect(await adjust(narrowed, { variantId, delta: 1 })).toEqual({ __typename: 'VariantNotFound' });
    expect(await stage.data(narrowed, '{ stockItems { totalCount } }')).toEqual({ stockItems: { totalCount: 0 } });
    for (const bad of [
      { delta: 0 },
      { delta: 1, onHand: 1 },
      {},
      { delta: 2_000_000 },
      { onHand: -1 },
      { delta: 1, reason: '' },
      { delta: 1, reason: 'x'.repeat(1_000_000) },
    ]) {
      expect(await adjust(vendor, { variantId, ...bad })).toEqual({ __typename: 'InvalidInput' });
    }
    expect((await stage.ask(actAs.user(), ADJUST, { input: { variantId, delta: 1, reason: 'x' } }, { key: 'k' })).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  it('tells that it is low once, when it becomes so', async () => {
    const { variantId, vendorId } = await stage.aVariant({ stock: 7 });
    for (const quantity of [1, 1, 1]) await anOrder(stage, actAs.user(), variantId, quantity);
    expect(await stage.published('StockLow', variantId)).toEqual([{ variantId, vendorId, available: 5 }]);
  });

  it('is at every moment the sum of its journal', async () => {
    const sold = await anOrder(stage, actAs.user(), (await stage.aVariant({ stock: 3 })).variantId, 2);
    await tell(stage, 'PaymentAuthorised', sold);
    const wrong = await stage.sql(
      `select s.variant_id from stock_items s left join lateral (
         select coalesce(sum(delta_on_hand), 0) as h, coalesce(sum(delta_reserved), 0) as r, coalesce(sum(delta_sold), 0) as d
         from stock_movements m where m.variant_id = s.variant_id) j on true
       where (s.on_hand, s.reserved, s.sold) is distinct from (j.h, j.r, j.d)`,
    );
    expect(wrong).toEqual([]);
  });

  it('lists for vendors what is theirs, by pages', async () => {
    const vendor = actAs.vendor();
    const variants = [];
    for (const stock of [1, 50]) variants.push(await stage.aVariant({ vendorId: vendor.userId, stock }));
    const list = async (viewer: Viewer, where = '{}', first = 10) =>
      (
        (
          await stage.ask(
            viewer,
            `{ stockItems(where: ${where}, first: ${first}) { totalCount edges { node { id onHand sold variant { id } } } pageInfo { hasNextPage } } }`,
          )
        ).data as {
          stockItems: { totalCount: number };
        }
      ).stockItems;
    expect(await list(vendor)).toMatchObject({ totalCount: 2 });
    expect(await list(vendor, '{ isLow: true }')).toMatchObject({
      totalCount: 1,
      edges: [{ node: { id: variants[0]?.variantId, onHand: 1, sold: '0' } }],
    });
    expect(await list(vendor, '{}', 1)).toMatchObject({ pageInfo: { hasNextPage: true } });
    expect((await list(actAs.admin())).totalCount).toBeGreaterThan(2);
    expect(await list(actAs.vendor())).toMatchObject({ totalCount: 0 });
  });

  it('is set by an operator once per reason, also when asked twice at once', async () => {
    const variant = await stage.aVariant({ stock: 5 });
    const { operator } = stage.subgraph.services;
    await Promise.all([9, 9].map((onHand) => operator.setStock({ variantId: variant.variantId, onHand, reason: 'seed' })));
    await operator.setStock({ variantId: variant.variantId, onHand: 1, reason: 'seed' });
    expect(await stage.sql('select on_hand from stock_items where variant_id = $1', [variant.variantId])).toEqual([{ on_hand: 9 }]);
  });

  it.each([
    ['stock_items_reserved_within_on_hand', `update stock_items set reserved = on_hand + 1`],
    ['stock_items_reserved_within_on_hand', `update stock_items set on_hand = -1, reserved = -1`],
    [
      'stock_movements_kind_moves',
      `update stock_items set on_hand = on_hand; insert into stock_movements (variant_id, kind, delta_on_hand, delta_reserved, delta_sold, actor, at)
       select variant_id, 'RESERVE', 1, 0, 0, 'x', now() from stock_items limit 1`,
    ],
    ['append-only', 'delete from stock_movements'],
    ['append-only', 'update stock_movements set delta_on_hand = 0'],
    ['append-only', 'delete from order_history'],
    ['an order does not go from CONFIRMED', `update orders set state = 'PENDING_PAYMENT', confirmed_at = null where state = 'CONFIRMED'`],
    ['orders_money_axes_nested', 'update orders set captured_minor = 1, authorised_minor = 0'],
    ['orders_money_axes_nested', 'update orders set authorised_minor = total_minor + 1'],
    ['orders_total_adds_up', 'update orders set total_minor = total_minor + 1'],
    ['a unit keeps its first owner', `update units set owner_id = 'usr_thief' where owner_id is not null`],
    ['units_owned_when_granted', `update units set owner_id = 'usr_thief' where owner_id is null`],
    ['units_secret_sealed', `update units set sealed_secret = 'plain'`],
  ])('is guarded by the database: %s', async (guard, statement) => {
    const digital = await stage.aVariant({ kind: 'DIGITAL_UNITS', secrets: ['s1', 's2'] });
    await tell(stage, 'PaymentAuthorised', await anOrder(stage, actAs.user(), digital.variantId));
    const attempt = async () => {
      for (const each of statement.split('; ')) await stage.sql(each);
    };
    await expect(attempt()).rejects.toThrow(guard);
  });
});
