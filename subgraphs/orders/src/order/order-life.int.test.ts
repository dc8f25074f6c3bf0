import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { rawSql, transaction } from '@tessera/service-kit/persistence';
import {
  actAs,
  anOrder,
  eventually,
  makeDue,
  type OrdersStage,
  type PlacedOrder,
  quoted,
  startOrders,
  stateOf,
  stepsOf,
  tell,
  tellRefund,
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
    await makeDue(stage, order);
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

    for (let time = 0; time < 2; time += 1)
      await tellRefund(stage, 'RefundSucceeded', order, { refundId: refund?.refundId, minor: order.amount.minor });
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

  it('is captured after all when its lost payment comes back after delivery', async () => {
    const buyer = actAs.user();
    const variant = await stage.aVariant({ kind: 'DIGITAL_UNITS', secrets: ['a'] });
    const order = await anOrder(stage, buyer, variant.variantId);
    await tell(stage, 'PaymentAuthorised', order);
    const [unit] = await stage.sql<{ id: string }>('select id from units where order_id = $1', [order.id]);
    await stage.data(buyer, 'mutation ($input: UnitRevealInput!) { unitReveal(input: $input) { __typename } }', {
      input: { unitId: unit?.id },
    });
    await tell(stage, 'PaymentFailed', order, 'HOLD_EXPIRED');
    expect(await stateOf(stage, order.id)).toBe('CONFIRMED');
    expect(await stepsOf(stage, order.id)).toMatchObject({ CAPTURE_PAYMENT: 'NEEDS_ATTENTION' });
    await tell(stage, 'PaymentAuthorised', order);
    expect(await stepsOf(stage, order.id)).toMatchObject({ CAPTURE_PAYMENT: 'WAITING' });
    expect(await stage.published('CaptureRequested', order.paymentId)).toHaveLength(2);
  });

  it('locks all its stock in the order of ids when it gives it back, digital and physical alike', async () => {
    const buyer = actAs.user();
    const digital = await stage.aVariant({ kind: 'DIGITAL_UNITS', secrets: ['a'] });
    const physical = await stage.aVariant({ stock: 1 });
    // Ids carry the time: the digital one, made first, is to be locked first.
    expect(digital.variantId < physical.variantId).toBe(true);
    await quoted(stage, buyer, digital.variantId);
    const order = await anOrder(stage, buyer, physical.variantId);
    await tell(stage, 'PaymentAuthorised', order);
    let cancelled: Promise<{ __typename: string }> | undefined;
    await transaction(stage.subgraph.platform.orm.em, async (em) => {
      await rawSql(em, 'select from stock_items where variant_id = $1 for update', [digital.variantId]);
      cancelled = cancel(buyer, order.id);
      await eventually('the cancelling waits for the lock', async () => {
        const waiting = await stage.sql(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
        return waiting.length > 0;
      });
      expect(await rawSql(em, 'select from stock_items where variant_id = $1 for update nowait', [physical.variantId])).toHaveLength(1);
    });
    expect(await cancelled).toMatchObject({ __typename: 'OrderCancelled' });
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
