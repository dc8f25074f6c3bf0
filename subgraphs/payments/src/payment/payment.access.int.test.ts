import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { type AnOrder, customerOf, openPayments, type PaymentsBed } from '../../test/payments-bed.ts';

let bed: PaymentsBed;
let order: AnOrder;
beforeAll(async () => {
  bed = await openPayments();
  order = await bed.aPayment('CAPTURED');
});
afterAll(() => bed.close());

const ENTITIES =
  'query($of: [_Any!]!) { _entities(representations: $of) { ... on Payment { id state } ... on Order { payments { id } } } }';
const entity = async (viewer: Viewer, representation: object) =>
  (await bed.data<{ _entities: object[] }>(viewer, ENTITIES, { of: [representation] }))._entities[0];
const payment = async (viewer: Viewer, id = order.paymentId) =>
  (await bed.data<{ payment: object | null }>(viewer, 'query($id: ID!) { payment(id: $id) { id } }', { id })).payment;

describe('a payment', () => {
  it('is seen by its customer and with payments:read, by query, as an entity and below its order', async () => {
    for (const viewer of [customerOf(order), actAs.admin()]) {
      expect(await payment(viewer)).toEqual({ id: order.paymentId });
      expect(await entity(viewer, { __typename: 'Payment', id: order.paymentId })).toEqual({ id: order.paymentId, state: 'CAPTURED' });
      expect(await entity(viewer, { __typename: 'Order', id: order.orderId })).toEqual({ payments: [{ id: order.paymentId }] });
    }
  });

  it('is not there for anybody else', async () => {
    for (const viewer of [actAs.user(), actAs.vendor(), actAs.visitor(), actAs.service('orders')]) {
      expect(await entity(viewer, { __typename: 'Payment', id: order.paymentId })).toBeNull();
      expect(await entity(viewer, { __typename: 'Order', id: order.orderId })).toEqual({ payments: null });
    }
    expect(await payment(actAs.vendor())).toBeNull();
    expect(await entity(actAs.user(), { __typename: 'Order', id: newId('order') })).toEqual({ payments: null });
    expect(await entity(customerOf(order), { __typename: 'Payment', id: newId('payment') })).toBeNull();
    expect(await entity(customerOf(order), { __typename: 'Order', id: 'nonsense' })).toBeNull();
  });

  it('shows what is to see, and attention only with payments:read', async () => {
    const query = `query($id: ID!) { payment(id: $id) { tender provider failureReason order { id } customer { id } amount { minor decimal }
      captured { minor } refunded { minor }
      disputed { minor } clientAction { kind } needsAttention attempts { number state wallet { id } } refunds { id } } }`;
    const seen = {
      tender: 'WALLET',
      provider: null,
      failureReason: null,
      order: { id: order.orderId },
      customer: { id: order.customerId },
      amount: { minor: '10000', decimal: '100.00' },
      captured: { minor: '10000' },
      refunded: { minor: '0' },
      disputed: { minor: '0' },
      clientAction: null,
      needsAttention: null,
      attempts: [{ number: 1, state: 'SUCCEEDED', wallet: { id: order.walletId } }],
      refunds: [],
    };
    expect(await bed.data(customerOf(order), query, { id: order.paymentId })).toEqual({ payment: seen });
    expect(await bed.data(actAs.admin(), query, { id: order.paymentId })).toEqual({ payment: { ...seen, needsAttention: false } });
  });
});

describe('payments', () => {
  const LIST = `query($where: PaymentWhere, $first: Int, $after: Cursor) { payments(where: $where, first: $first, after: $after) {
      totalCount edges { node { id } } pageInfo { hasNextPage endCursor } } }`;
  type Page = {
    payments: { totalCount: number; edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  };
  const list = async (variables: object) => (await bed.data<Page>(actAs.admin(), LIST, { ...variables })).payments;

  it('needs payments:read', async () => {
    expect((await bed.ask(customerOf(order), LIST)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('pages newest first, and filters with and, or, not', async () => {
    const second = await bed.aPayment('AUTHORISED');
    const third = await bed.aPayment('ASKED');
    const first = await list({ first: 2 });
    expect(first.edges.map(({ node }) => node.id)).toEqual([third.paymentId, second.paymentId]);
    const next = await list({ first: 2, after: first.pageInfo.endCursor });
    expect(next).toMatchObject({ totalCount: 3, edges: [{ node: { id: order.paymentId } }], pageInfo: { hasNextPage: false } });

    const either = {
      or: [{ state: { eq: 'CAPTURED' } }, { orderId: { in: [second.orderId] } }],
      not: { customerId: { eq: third.customerId } },
    };
    expect((await list({ where: either })).edges.map(({ node }) => node.id)).toEqual([second.paymentId, order.paymentId]);
    expect((await list({ where: { and: [{ createdAt: { lte: new Date(0).toISOString() } }] } })).edges).toEqual([]);
    expect((await list({ where: { or: [] } })).edges).toHaveLength(0);
    expect((await list({ where: { customerId: { eq: '' } } })).edges).toHaveLength(0);
  });

  it.each([
    ['nested too deep', { and: [{ or: [{ not: { needsAttention: true } }] }] }],
    ['too long', { orderId: { in: Array.from({ length: 101 }, () => 'x') } }],
  ])('refuses a filter that is %s', async (_what, where) => {
    expect((await bed.ask(actAs.admin(), LIST, { where })).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});
