import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import {
  actAs,
  anOrder,
  eventually,
  type OrdersStage,
  type PlacedOrder,
  startOrders,
  stepsOf,
  tell,
  tellRefund,
} from '../../test/orders-stage.ts';

describe('refunds of a cancelled order beside those of an operator', () => {
  let stage: OrdersStage;
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  /** Costs 1,499, is captured and cancelled: all of it has been asked back. */
  const cancelledOrder = async (): Promise<PlacedOrder> => {
    const buyer = actAs.user();
    const order = await anOrder(stage, buyer, (await stage.aVariant({ stock: 1 })).variantId);
    await tell(stage, 'PaymentAuthorised', order);
    await tell(stage, 'PaymentCaptured', order);
    await stage.data(buyer, 'mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { __typename } }', {
      input: { orderId: order.id },
    });
    return order;
  };
  const asked = async (order: PlacedOrder) => stage.published('RefundRequested', order.paymentId);
  const lastAsked = async (order: PlacedOrder) => ensure((await asked(order)).at(-1), 'a refund that was asked for');
  const stepOf = async (order: PlacedOrder) => (await stepsOf(stage, order.id)).REFUND_PAYMENT;
  const failures = async (order: PlacedOrder) =>
    (await stage.published('OrderPaymentChanged', order.id)).filter(({ paymentState }) => paymentState === 'REFUND_FAILED');

  it('are not taken for the answer to ours: that is asked for again until it is answered', async () => {
    const order = await cancelledOrder();
    await tellRefund(stage, 'RefundSucceeded', order, { minor: '300' });
    expect(await stepOf(order)).toBe('WAITING');
    await stage.sql(`update saga_steps set next_attempt_at = clock_timestamp() where order_id = $1 and state = 'WAITING'`, [order.id]);
    await eventually('our refund is asked for again', async () => (await asked(order)).length === 2);
    const [first, second] = await asked(order);
    expect(second).toEqual(first);
  });

  it('crowd ours out while they are under way, and the remainder is asked for once they have gone back', async () => {
    const order = await cancelledOrder();
    const { refundId } = await lastAsked(order);
    await tellRefund(stage, 'RefundFailed', order, { refundId, minor: '1499', reason: 'EXCEEDS_CAPTURED' });
    expect(await stepOf(order)).toBe('NEEDS_ATTENTION');
    await tellRefund(stage, 'RefundSucceeded', order, { minor: '300' });
    expect(await asked(order)).toMatchObject([{ amount: { minor: '1499' } }, { amount: { minor: '1199' }, reason: 'ORDER_CANCELLED' }]);
    const again = await lastAsked(order);
    expect(again.refundId).not.toBe(refundId);
    expect(await stepOf(order)).toBe('WAITING');
    await tellRefund(stage, 'RefundSucceeded', order, { refundId: again.refundId, minor: '1199' });
    expect(await stepOf(order)).toBe('DONE');
    expect(await stage.published('OrderRefunded', order.id)).toHaveLength(1);
  });

  it('that fail leave all of it to ours', async () => {
    const order = await cancelledOrder();
    const { refundId } = await lastAsked(order);
    await tellRefund(stage, 'RefundFailed', order, { refundId, minor: '1499', reason: 'NOT_REFUNDABLE' });
    await tellRefund(stage, 'RefundFailed', order, { minor: '1499', reason: 'ACCOUNT_CLOSED' });
    expect(await asked(order)).toMatchObject([{ amount: { minor: '1499' } }, { amount: { minor: '1499' } }]);
    expect(await stepOf(order)).toBe('WAITING');
  });

  it('that went back before ours was refused have the remainder asked for at once, and nobody hears of a failure', async () => {
    const order = await cancelledOrder();
    const { refundId } = await lastAsked(order);
    await tellRefund(stage, 'RefundSucceeded', order, { minor: '300' });
    await tellRefund(stage, 'RefundFailed', order, { refundId, minor: '1499', reason: 'EXCEEDS_CAPTURED' });
    expect(await asked(order)).toMatchObject([{ amount: { minor: '1499' } }, { amount: { minor: '1199' } }]);
    expect(await failures(order)).toEqual([]);
  });

  it('that give all of it back end ours', async () => {
    const order = await cancelledOrder();
    const { refundId } = await lastAsked(order);
    await tellRefund(stage, 'RefundFailed', order, { refundId, minor: '1499', reason: 'NOT_REFUNDABLE' });
    await tellRefund(stage, 'RefundSucceeded', order, { minor: '1499' });
    expect(await stepOf(order)).toBe('DONE');
    expect(await asked(order)).toHaveLength(1);
  });

  it('change nothing about one that failed for another reason: a person looks at it', async () => {
    const order = await cancelledOrder();
    const { refundId } = await lastAsked(order);
    await tellRefund(stage, 'RefundFailed', order, { refundId, minor: '1499', reason: 'WALLET_NOT_FOUND' });
    await tellRefund(stage, 'RefundSucceeded', order, { minor: '300' });
    expect(await stepOf(order)).toBe('NEEDS_ATTENTION');
    expect(await asked(order)).toHaveLength(1);
    expect(await failures(order)).toHaveLength(1);
  });
});
