import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { actAs, anOrder, BY_CARD, type OrdersStage, type PlacedOrder, startOrders, tellCard } from '../../test/orders-stage.ts';

describe('disputes of an order', () => {
  let stage: OrdersStage;
  const vendor = actAs.vendor();
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  const paidOrder = async (buyer: Viewer): Promise<PlacedOrder> => {
    const { variantId } = await stage.aVariant({ vendorId: vendor.userId, stock: 1 });
    const order = await anOrder(stage, buyer, variantId, 1, BY_CARD);
    await tellCard(stage, 'PaymentCaptured', order);
    return order;
  };
  const tellDispute = async ({ id: orderId, paymentId, amount }: PlacedOrder, disputeId: string, outcome?: 'WON' | 'LOST') => {
    const payload = {
      paymentId,
      orderId,
      customerId: newId('user'),
      tender: 'CARD',
      amount,
      reason: 'fraudulent',
      disputeId,
      disputed: amount,
    };
    if (outcome) await stage.play({ type: 'DisputeClosed', aggregateId: paymentId, payload: { ...payload, outcome } });
    else await stage.play({ type: 'DisputeOpened', aggregateId: paymentId, payload });
  };
  const disputesSeenBy = async (viewer: Viewer, { id }: PlacedOrder) => {
    const query = 'query ($id: ID!) { order(id: $id) { history { kind note } } }';
    const { order } = await stage.data<{ order: { history: { kind: string; note: string | null }[] } }>(viewer, query, { id });
    return order.history.filter(({ kind }) => kind.startsWith('DISPUTE_'));
  };

  it('are seen by the customer and by who may read all orders, and by no vendor', async () => {
    const buyer = actAs.user();
    const order = await paidOrder(buyer);
    const disputeId = newId('dispute');
    await tellDispute(order, disputeId);
    await tellDispute(order, disputeId, 'LOST');
    for (const viewer of [buyer, actAs.admin()])
      expect(await disputesSeenBy(viewer, order)).toEqual([
        { kind: 'DISPUTE_OPENED', note: '14.99 USD' },
        { kind: 'DISPUTE_LOST', note: '14.99 USD' },
      ]);
    expect(await disputesSeenBy(vendor, order)).toEqual([]);
    expect((await stage.published('OrderPaymentChanged', order.id)).map(({ paymentState }) => paymentState)).toEqual(['CAPTURED']);
  });

  it('are opened and end once each, whatever is told twice or late', async () => {
    const order = await paidOrder(actAs.user());
    const [first, second] = [newId('dispute'), newId('dispute')] as const;
    await tellDispute(order, first);
    await tellDispute(order, first);
    for (let time = 0; time < 2; time += 1) await tellDispute(order, second, 'WON');
    await tellDispute(order, second);
    await tellDispute(order, second, 'LOST');
    expect((await disputesSeenBy(actAs.admin(), order)).map(({ kind }) => kind)).toEqual(['DISPUTE_OPENED', 'DISPUTE_WON']);
  });
});
