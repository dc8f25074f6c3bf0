import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import {
  actAs,
  anOrder,
  eventually,
  type OrdersStage,
  type PlacedOrder,
  startOrders,
  stateOf,
  stepsOf,
  tell,
} from '../../test/orders-stage.ts';

const CANCEL = `mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { __typename
  ... on OrderCancelled { order { state timeline { name isCompensation } } } ... on OrderNotCancellable { state message } } }`;

describe('the life of an order', () => {
  let stage: OrdersStage;
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  const stockOf = async (variantId: string) =>
    (await stage.sql('select on_hand, reserved, sold from stock_items where variant_id = $1', [variantId]))[0];
  const cancel = async (viewer: Viewer, orderId: string) =>
    (await stage.data<{ orderCancel: { __typename: string } }>(viewer, CANCEL, { input: { orderId, reason: 'changed my mind' } }))
      .orderCancel;
  const expire = async (order: PlacedOrder) => {
    await stage.sql(`update orders set expires_at = clock_timestamp() - interval '1 second' where id = $1`, [order.id]);
    await eventually('the order has expired', async () => (await stateOf(stage, order.id)) === 'EXPIRED');
  };

  it('expires without money, by the clock of the database, and gives its stock back', async () => {
    const variant = await stage.aVariant({ stock: 3 });
    const order = await anOrder(stage, actAs.user(), variant.variantId, 2);
    expect(await stockOf(variant.variantId)).toEqual({ on_hand: 3, reserved: 2, sold: '0' });
    await expire(order);
    expect(await stockOf(variant.variantId)).toEqual({ on_hand: 3, reserved: 0, sold: '0' });
    expect(await stage.published('OrderExpired', order.id)).toHaveLength(1);
    expect(await stepsOf(stage, order.id)).toMatchObject({ REQUEST_PAYMENT: 'FAILED', RELEASE_STOCK: 'DONE', VOID_PAYMENT: 'WAITING' });
  });

  it('voids money that is authorised after it has expired', async () => {
    const variant = await stage.aVariant({ stock: 1 });
    const order = await anOrder(stage, actAs.user(), variant.variantId);
    await expire(order);
    await tell(stage, 'PaymentAuthorised', order);
    expect(await stateOf(stage, order.id)).toBe('EXPIRED');
    expect(await stage.published('VoidRequested', order.paymentId)).toMatchObject([
      { reason: 'ORDER_EXPIRED' },
      { reason: 'PAID_TOO_LATE' },
    ]);
    await tell(stage, 'PaymentVoided', order);
    expect(await stepsOf(stage, order.id)).toMatchObject({ VOID_PAYMENT: 'DONE' });
    expect(await stockOf(variant.variantId)).toEqual({ on_hand: 1, reserved: 0, sold: '0' });
  });

  it('refunds money that is captured after it was cancelled, and shows both in the timeline', async () => {
    const buyer = actAs.user();
    const variant = await stage.aVariant({ stock: 1 });
    const order = await anOrder(stage, buyer, variant.variantId);
    await tell(stage, 'PaymentAuthorised', order);
    expect(await cancel(buyer, order.id)).toMatchObject({ __typename: 'OrderCancelled', order: { state: 'CANCELLED' } });
    expect(await stockOf(variant.variantId)).toEqual({ on_hand: 1, reserved: 0, sold: '0' });

    await tell(stage, 'PaymentCaptured', order);
    const [refund] = await stage.published('RefundRequested', order.paymentId);
    expect(refund).toMatchObject({ orderId: order.id, amount: order.amount, destination: 'WALLET', reason: 'PAID_TOO_LATE' });
    expect(await stepsOf(stage, order.id)).toMatchObject({ VOID_PAYMENT: 'FAILED', REFUND_PAYMENT: 'WAITING' });

    const payload = {
      paymentId: order.paymentId,
      orderId: order.id,
      customerId: newId('user'),
      tender: 'WALLET',
      amount: order.amount,
      reason: null,
    };
    const answer = { ...payload, refundId: refund?.refundId ?? '', refunded: order.amount };
    await stage.play({ type: 'RefundSucceeded', aggregateId: order.paymentId, payload: answer });
    await stage.play({ type: 'RefundSucceeded', aggregateId: order.paymentId, payload: answer });
    expect(await stage.sql('select captured_minor, refunded_minor from orders where id = $1', [order.id])).toEqual([
      { captured_minor: order.amount.minor, refunded_minor: order.amount.minor },
    ]);
    expect(await stage.published('OrderRefunded', order.id)).toHaveLength(1);
    expect(await stepsOf(stage, order.id)).toMatchObject({ REFUND_PAYMENT: 'DONE' });
  });

  it('goes on waiting after a declined payment, and is paid by the next attempt', async () => {
    const variant = await stage.aVariant({ stock: 1 });
    const order = await anOrder(stage, actAs.user(), variant.variantId);
    await tell(stage, 'PaymentFailed', order, 'INSUFFICIENT_FUNDS');
    expect(await stateOf(stage, order.id)).toBe('PENDING_PAYMENT');
    expect(await stage.published('OrderPaymentChanged', order.id)).toMatchObject([{ paymentState: 'FAILED' }]);
    await tell(stage, 'PaymentAuthorised', order);
    expect(await stateOf(stage, order.id)).toBe('CONFIRMED');
    expect(await stepsOf(stage, order.id)).toMatchObject({ REQUEST_PAYMENT: 'DONE', CAPTURE_PAYMENT: 'WAITING' });
  });

  it('is cancelled by itself when its hold is lost before the capture', async () => {
    const variant = await stage.aVariant({ stock: 1 });
    const order = await anOrder(stage, actAs.user(), variant.variantId);
    await tell(stage, 'PaymentAuthorised', order);
    await tell(stage, 'PaymentFailed', order, 'HOLD_EXPIRED');
    expect(await stateOf(stage, order.id)).toBe('CANCELLED');
    expect(await stockOf(variant.variantId)).toEqual({ on_hand: 1, reserved: 0, sold: '0' });
    expect(await stepsOf(stage, order.id)).toMatchObject({ CAPTURE_PAYMENT: 'FAILED', RETURN_STOCK: 'DONE' });
  });

  it('is cancelled once, by its customer or orders:write, and by nobody else', async () => {
    const buyer = actAs.user();
    const variant = await stage.aVariant({ stock: 2 });
    const order = await anOrder(stage, buyer, variant.variantId);
    expect(await cancel(actAs.user(), order.id)).toMatchObject({ __typename: 'OrderNotFound' });
    expect(await cancel(actAs.vendor(variant.vendorId), order.id)).toMatchObject({ __typename: 'OrderNotFound' });
    expect(await cancel(buyer, newId('order'))).toMatchObject({ __typename: 'OrderNotFound' });
    expect(await cancel(buyer, 'x')).toMatchObject({ __typename: 'InvalidInput' });
    expect(await cancel(actAs.admin(), order.id)).toMatchObject({ __typename: 'OrderCancelled' });
    expect(await cancel(buyer, order.id)).toMatchObject({ __typename: 'OrderNotCancellable', state: 'CANCELLED' });
    expect(await stage.published('OrderCancelled', order.id)).toMatchObject([{ reason: 'changed my mind' }]);
  });

  it('sends a command again under a new id when payments leaves it unanswered, and asks for a person in the end', async () => {
    const variant = await stage.aVariant({ stock: 1 });
    const order = await anOrder(stage, actAs.user(), variant.variantId);
    const makeOverdue = () =>
      stage.sql(`update saga_steps set next_attempt_at = clock_timestamp() where order_id = $1 and state = 'WAITING'`, [order.id]);
    await makeOverdue();
    const requests = () =>
      stage.sql<{ id: string; payload: object }>(`select id, payload from outbox where type = 'PaymentRequested' and aggregate_id = $1`, [
        order.paymentId,
      ]);
    await eventually('the command went out again', async () => (await requests()).length === 2);
    const [first, second] = await requests();
    expect(second?.payload).toEqual(first?.payload);
    expect(second?.id).not.toBe(first?.id);

    await stage.sql('update saga_steps set attempts = 8 where order_id = $1 and name = $2', [order.id, 'REQUEST_PAYMENT']);
    await makeOverdue();
    await eventually('a person is asked', async () => (await stepsOf(stage, order.id)).REQUEST_PAYMENT === 'NEEDS_ATTENTION');
    expect(await requests()).toHaveLength(2);
    await tell(stage, 'PaymentAuthorised', order);
    expect(await stepsOf(stage, order.id)).toMatchObject({ REQUEST_PAYMENT: 'DONE' });
  });
});
