import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import {
  actAs,
  anOrder,
  COMPLETE,
  type OrdersStage,
  type PlacedOrder,
  purchase,
  quoted,
  startOrders,
  tell,
  type VariantOnStage,
} from '../../test/orders-stage.ts';

const FIELDS = `id total { minor } lines { title } customer { id } shippingAddress { name } units { id } timeline { name }`;

describe('who sees what of an order', () => {
  let stage: OrdersStage;
  let order: PlacedOrder;
  let variant: VariantOnStage;
  const buyer = actAs.user();
  const vendor = actAs.vendor();
  const otherVendor = actAs.vendor();
  beforeAll(async () => {
    stage = await startOrders();
    variant = await stage.aVariant({ kind: 'DIGITAL_UNITS', vendorId: vendor.userId, secrets: ['a', 'b'] });
    order = await anOrder(stage, buyer, variant.variantId);
    await tell(stage, 'PaymentAuthorised', order);
  });
  afterAll(() => stage.close());

  const byQuery = async (viewer: Viewer) =>
    (await stage.ask(viewer, `query ($id: ID!) { order(id: $id) { ${FIELDS} } }`, { id: order.id })).data?.order ?? null;
  const byEntities = async (viewer: Viewer) => {
    const representations = [{ __typename: 'Order', id: order.id }];
    const { data } = await stage.ask(
      viewer,
      `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Order { ${FIELDS} } } }`,
      {
        representations,
      },
    );
    return (data as { _entities: unknown[] })._entities[0];
  };
  const both = (path: string) => (path === 'order' ? byQuery : byEntities);

  describe.each(['order', '_entities'])('by %s', (path) => {
    it('shows everything to the customer and to orders:read', async () => {
      for (const viewer of [buyer, actAs.admin()]) {
        expect(await both(path)(viewer)).toMatchObject({
          id: order.id,
          customer: { id: buyer.userId },
          units: [{}],
          lines: [{ title: 'Thing – Blue' }],
        });
      }
    });

    it('shows a vendor their lines, without units, steps, or an address for what is not sent', async () => {
      expect(await both(path)(vendor)).toMatchObject({
        id: order.id,
        lines: [{}],
        total: { minor: '1000' },
        units: [],
        timeline: [],
        shippingAddress: null,
      });
    });

    it('is null for everybody else', async () => {
      for (const viewer of [actAs.user(), otherVendor, actAs.visitor(), actAs.service('payments')])
        expect(await both(path)(viewer)).toBeNull();
      // The seller's id without the scope of a vendor opens nothing.
      expect(await both(path)(actAs.user(vendor.userId))).toBeNull();
    });
  });

  it('hides a unit, its owner’s lists and cart from anybody else, also by _entities', async () => {
    const { data } = await stage.ask(buyer, '{ orders { edges { node { units { id } } } } }');
    const unitId = (data as { orders: { edges: { node: { units: { id: string }[] } }[] } }).orders.edges[0]?.node.units[0]?.id;
    const representations = [
      { __typename: 'Unit', id: unitId },
      { __typename: 'User', id: buyer.userId },
      { __typename: 'ProductVariant', id: variant.variantId },
    ];
    const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Unit { id description } ... on User { orders { totalCount } cart { id } units { totalCount } } ... on ProductVariant { availability { isInStock quantity lowStock } } } }`;
    const seen = async (viewer: Viewer) =>
      ((await stage.ask(viewer, query, { representations })).data as { _entities: unknown[] })._entities;
    expect(await seen(buyer)).toMatchObject([
      { id: unitId },
      { orders: { totalCount: 1 }, units: { totalCount: 1 } },
      { availability: { isInStock: true, quantity: null } },
    ]);
    expect(await seen(actAs.user())).toMatchObject([
      null,
      { orders: null, cart: null, units: null },
      { availability: { isInStock: true, quantity: null } },
    ]);
    expect(await seen(vendor)).toMatchObject([
      null,
      { orders: null, cart: null, units: null },
      { availability: { quantity: 1, lowStock: true } },
    ]);
    expect(await seen(actAs.admin())).toMatchObject([
      null,
      { orders: { totalCount: 1 }, cart: null, units: null },
      { availability: { quantity: 1 } },
    ]);
  });

  it('tells each vendor the amounts of their own lines, with the shipping of their parcels', async () => {
    const [first, second] = [actAs.vendor(), actAs.vendor()];
    const [one, two] = [
      await stage.aVariant({ vendorId: first.userId, stock: 1 }),
      await stage.aVariant({ vendorId: second.userId, stock: 1 }),
    ];
    const customer = actAs.user();
    await quoted(stage, customer, one.variantId);
    const input = purchase(await quoted(stage, customer, two.variantId));
    const { checkoutComplete } = await stage.data<{ checkoutComplete: { order: { id: string } } }>(customer, COMPLETE, { input });
    const { id } = checkoutComplete.order;
    const amounts =
      'query ($id: ID!) { order(id: $id) { subtotal { minor } shippingTotal { minor } total { minor } lines { vendor { id } } shippingAddress { name } } }';
    const seen = async (viewer: Viewer) => (await stage.data<{ order: object }>(viewer, amounts, { id })).order;
    expect(await seen(customer)).toMatchObject({ subtotal: { minor: '2000' }, shippingTotal: { minor: '499' }, total: { minor: '2499' } });
    const shares = (await stage.published('PaymentRequested')).find((payload) => payload.orderId === id)?.shares;
    for (const seller of [first, second]) {
      const share = shares?.find((each) => each.vendorId === seller.userId)?.amount.minor;
      expect(['1249', '1250']).toContain(share);
      expect(await seen(seller)).toMatchObject({
        subtotal: { minor: '1000' },
        total: { minor: share },
        lines: [{ vendor: { id: seller.userId } }],
        shippingAddress: { name: 'Ada' },
      });
    }
  });

  it('answers null for representations that name nothing', async () => {
    const representations = ['Order', 'Unit', 'User', 'ProductVariant'].flatMap((__typename) =>
      ['', 'x'.repeat(64), "' or 1=1", newId('wallet')].map((id) => ({ __typename, id })),
    );
    const { data, errors } = await stage.ask(
      buyer,
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }',
      { representations },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({ _entities: representations.map(() => null) });
  });

  it('lists for each what is theirs, whatever they filter by', async () => {
    const count = async (viewer: Viewer, field: string, where = '') =>
      (
        (await stage.ask(viewer, `{ ${field}${where} { totalCount edges { node { id lines { id } } } } }`)).data?.[field] as {
          totalCount: number;
        } | null
      )?.totalCount;
    expect(await count(buyer, 'orders')).toBe(1);
    expect(
      await count(
        actAs.user(),
        'orders',
        `(where: { or: [{ customer: { eq: "${buyer.userId}" } }, { not: { state: { eq: EXPIRED } } }] })`,
      ),
    ).toBe(0);
    expect(await count(actAs.admin(), 'orders', '(where: { state: { in: [CONFIRMED] } }, orderBy: OLDEST)')).toBe(1);
    expect(await count(buyer, 'orders', '(where: { not: { state: { eq: CONFIRMED } } })')).toBe(0);
    expect(await count(vendor, 'vendorOrders')).toBe(1);
    expect(await count(otherVendor, 'vendorOrders')).toBe(0);
    expect((await stage.ask(buyer, '{ vendorOrders { totalCount } }')).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect((await stage.ask(actAs.visitor(), '{ orders { totalCount } }')).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });
});
