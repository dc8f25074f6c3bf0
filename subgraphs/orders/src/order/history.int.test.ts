import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { actAs, anOrder, type OrdersStage, quoted, startOrders, tell } from '../../test/orders-stage.ts';

describe('history and steps of an order', () => {
  let stage: OrdersStage;
  const vendor = actAs.vendor();
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  it('keeps payments and reasons out of the history that a vendor sees', async () => {
    const customer = actAs.user();
    const thing = await stage.aVariant({ vendorId: vendor.userId, stock: 1 });
    const bought = await anOrder(stage, customer, thing.variantId);
    await tell(stage, 'PaymentFailed', bought, 'INSUFFICIENT_FUNDS');
    await stage.data(customer, 'mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { __typename } }', {
      input: { orderId: bought.id, reason: 'my own business' },
    });
    const historyFor = async (viewer: Viewer) =>
      (
        await stage.data<{ order: { history: object[] } }>(viewer, 'query ($id: ID!) { order(id: $id) { history { kind note } } }', {
          id: bought.id,
        })
      ).order.history;
    expect(await historyFor(customer)).toEqual([
      { kind: 'PLACED', note: null },
      { kind: 'PAYMENT_FAILED', note: 'INSUFFICIENT_FUNDS' },
      { kind: 'CANCELLED', note: 'my own business' },
    ]);
    expect(await historyFor(vendor)).toEqual([
      { kind: 'PLACED', note: null },
      { kind: 'CANCELLED', note: null },
    ]);
  });

  it('tells only a vendor of digital units that units were delivered', async () => {
    const sender = actAs.vendor();
    const customer = actAs.user();
    const digital = await stage.aVariant({ kind: 'DIGITAL_UNITS', vendorId: vendor.userId, secrets: ['a'] });
    await quoted(stage, customer, digital.variantId);
    const mixed = await anOrder(stage, customer, (await stage.aVariant({ vendorId: sender.userId, stock: 1 })).variantId);
    await tell(stage, 'PaymentAuthorised', mixed);
    const kinds = async (viewer: Viewer) =>
      (
        await stage.data<{ order: { history: { kind: string }[] } }>(viewer, 'query ($id: ID!) { order(id: $id) { history { kind } } }', {
          id: mixed.id,
        })
      ).order.history.map(({ kind }) => kind);
    expect(await kinds(vendor)).toEqual(['PLACED', 'CONFIRMED', 'UNITS_DELIVERED']);
    expect(await kinds(sender)).toEqual(['PLACED', 'CONFIRMED']);
  });

  it('reads history, steps and what may be asked for next by one statement each, for a whole list', async () => {
    const customer = actAs.user();
    const { variantId } = await stage.aVariant({ stock: 3 });
    for (let count = 0; count < 3; count += 1) await anOrder(stage, customer, variantId);
    const spy = jest.spyOn(stage.subgraph.platform.orm.em.getConnection().getClient(), 'executeQuery');
    const { orders } = await stage.data<{ orders: { edges: object[] } }>(
      customer,
      '{ orders { edges { node { history { kind } timeline { name } allowedTransitions } } } }',
    );
    const statements = spy.mock.calls.map(([query]) => ('sql' in query ? query.sql : ''));
    spy.mockRestore();
    expect(orders.edges).toMatchObject(
      Array(3).fill({
        node: {
          history: [{ kind: 'PLACED' }],
          timeline: [{ name: 'RESERVE_STOCK' }, { name: 'REQUEST_PAYMENT' }],
          allowedTransitions: ['PAY', 'CANCEL'],
        },
      }),
    );
    for (const table of ['order_history', 'saga_steps', 'units'])
      expect([table, statements.filter((sql) => sql.includes(`from ${table}`)).length]).toEqual([table, 1]);
  });
});
