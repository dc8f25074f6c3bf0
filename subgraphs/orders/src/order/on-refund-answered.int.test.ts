import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import {
  actAs,
  anOrder,
  BY_CARD,
  eventually,
  type OrdersStage,
  type PlacedOrder,
  startOrders,
  stepsOf,
  tell,
  tellCard,
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
  const noteOf = async (order: PlacedOrder) =>
    (await stage.sql<{ note: string }>(`select note from saga_steps where order_id = $1 and name = 'REFUND_PAYMENT'`, [order.id]))[0]?.note;
  const refundsInHistory = async (order: PlacedOrder) =>
    stage.sql(`select kind, note from order_history where order_id = $1 and kind like 'REFUND_%' order by id`, [order.id]);
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
    expect(await refundsInHistory(order)).toEqual([{ kind: 'REFUND_SUCCEEDED', note: '3.00 USD' }]);
  });

  it.each(['before', 'after'])('that give all of it back end ours, %s it is known that they crowded it out', async (when) => {
    const order = await cancelledOrder();
    const { refundId } = await lastAsked(order);
    const others = () => tellRefund(stage, 'RefundSucceeded', order, { minor: '1499', reason: 'Scratched' });
    if (when === 'before') await others();
    await tellRefund(stage, 'RefundFailed', order, { refundId, minor: '1499', reason: 'NOT_REFUNDABLE' });
    if (when === 'after') await others();
    expect([await stepOf(order), await noteOf(order)]).toEqual(['DONE', 'others gave it back']);
    expect(await asked(order)).toHaveLength(1);
    expect(await refundsInHistory(order)).toEqual([{ kind: 'REFUND_SUCCEEDED', note: '14.99 USD: Scratched' }]);
  });

  it('are told from a dispute that is in the way of ours: that is a failure', async () => {
    const order = await cancelledOrder();
    const { refundId } = await lastAsked(order);
    const { id: orderId, paymentId, amount } = order;
    const dispute = { disputeId: newId('dispute'), disputed: amount, reason: 'fraudulent', customerId: newId('user'), tender: 'CARD' };
    await stage.play({ type: 'DisputeOpened', aggregateId: paymentId, payload: { orderId, paymentId, amount, ...dispute } });
    await tellRefund(stage, 'RefundFailed', order, { refundId, minor: '1499', reason: 'NOT_REFUNDABLE' });
    expect(await refundsInHistory(order)).toEqual([{ kind: 'REFUND_FAILED', note: '14.99 USD: NOT_REFUNDABLE' }]);
  });

  it('change nothing about one that failed for another reason: a person looks at it', async () => {
    const order = await cancelledOrder();
    const { refundId } = await lastAsked(order);
    await tellRefund(stage, 'RefundFailed', order, { refundId, minor: '1499', reason: 'WALLET_NOT_FOUND' });
    await tellRefund(stage, 'RefundSucceeded', order, { minor: '300' });
    expect(await stepOf(order)).toBe('NEEDS_ATTENTION');
    expect(await asked(order)).toHaveLength(1);
    expect(await failures(order)).toHaveLength(1);
    expect(await refundsInHistory(order)).toMatchObject([{ kind: 'REFUND_FAILED', note: '14.99 USD: WALLET_NOT_FOUND' }, {}]);
  });

  describe('that a bank sends back after they had arrived', () => {
    it('count as captured again, once, and put our own in front of a person until somebody gave all of it back otherwise', async () => {
      const order = await cancelledOrder();
      const { refundId } = await lastAsked(order);
      await tellRefund(stage, 'RefundSucceeded', order, { refundId, minor: '1499' });
      expect(await stepOf(order)).toBe('DONE');
      for (let time = 0; time < 2; time += 1)
        await tellRefund(stage, 'RefundReturned', order, { refundId, minor: '1499', reason: 'LOST_OR_STOLEN_CARD' });
      expect([await stepOf(order), await noteOf(order)]).toEqual(['NEEDS_ATTENTION', 'the bank sent it back: LOST_OR_STOLEN_CARD']);
      expect(await stage.sql('select refunded_minor::text from orders where id = $1', [order.id])).toEqual([{ refunded_minor: '0' }]);
      expect(await failures(order)).toHaveLength(1);
      expect((await refundsInHistory(order)).at(-1)).toEqual({ kind: 'REFUND_RETURNED', note: '14.99 USD: LOST_OR_STOLEN_CARD' });

      await tellRefund(stage, 'RefundSucceeded', order, { minor: '1499', reason: 'To their wallet' });
      expect([await stepOf(order), await noteOf(order)]).toEqual(['DONE', 'others gave it back']);
      expect(await stage.sql('select refunded_minor::text from orders where id = $1', [order.id])).toEqual([{ refunded_minor: '1499' }]);
    });

    it('count once, however often that is told', async () => {
      const order = await cancelledOrder();
      const [sentBack, kept] = [newId('refund'), newId('refund')];
      await tellRefund(stage, 'RefundSucceeded', order, { refundId: sentBack, minor: '300' });
      await tellRefund(stage, 'RefundSucceeded', order, { refundId: kept, minor: '900' });
      for (let time = 0; time < 3; time += 1) await tellRefund(stage, 'RefundReturned', order, { refundId: sentBack, minor: '300' });
      expect(await stage.sql('select refunded_minor::text from orders where id = $1', [order.id])).toEqual([{ refunded_minor: '900' }]);
      expect((await refundsInHistory(order)).filter(({ kind }) => kind === 'REFUND_RETURNED')).toHaveLength(1);
    });

    it('change nothing when they never counted', async () => {
      const order = await cancelledOrder();
      await tellRefund(stage, 'RefundReturned', order, { minor: '300' });
      expect(await refundsInHistory(order)).toEqual([]);
      expect(await stepOf(order)).toBe('WAITING');
    });
  });

  it('beside the order, because the customer was charged twice, are told and leave its money as it was', async () => {
    const order = await cancelledOrder();
    const refundId = newId('refund');
    for (let time = 0; time < 2; time += 1)
      await tellRefund(stage, 'StrayRefunded', order, { refundId, minor: '1499', reason: 'STRAY_CAPTURE' });
    await tellRefund(stage, 'RefundReturned', order, { refundId, minor: '1499' });
    const kinds = await stage.sql(`select kind, note from order_history where order_id = $1 and kind ~ 'STRAY|RETURNED' order by id`, [
      order.id,
    ]);
    expect(kinds).toEqual([
      { kind: 'STRAY_REFUNDED', note: '14.99 USD: charged twice' },
      { kind: 'REFUND_RETURNED', note: '14.99 USD' },
    ]);
    expect(await stage.sql('select refunded_minor::text from orders where id = $1', [order.id])).toEqual([{ refunded_minor: '0' }]);
    const query = 'query ($id: ID!) { order(id: $id) { timeline { name state note } } }';
    const { order: seen } = await stage.data<{ order: { timeline: object[] } }>(actAs.admin(), query, { id: order.id });
    expect(seen.timeline).toContainEqual({ name: 'REFUND_PAYMENT', state: 'FAILED', note: 'charged twice (sent back by the bank)' });
    expect(await stepOf(order)).toBe('WAITING');
  });

  describe('are seen', () => {
    const vendor = actAs.vendor();
    const paidOrder = async (buyer: Viewer): Promise<PlacedOrder> => {
      const { variantId } = await stage.aVariant({ vendorId: vendor.userId, stock: 1 });
      const order = await anOrder(stage, buyer, variantId, 1, BY_CARD);
      await tellCard(stage, 'PaymentCaptured', order);
      return order;
    };
    const seenBy = async (viewer: Viewer, { id }: PlacedOrder) => {
      const query = `query ($id: ID!) { order(id: $id) { history { kind note }
        timeline { name state attempts isCompensation amount { currency minor } note startedAt finishedAt } } }`;
      return (await stage.data<{ order: { history: Told[]; timeline: Step[] } }>(viewer, query, { id })).order;
    };

    it('each in the timeline, by time, and in the history with amount and reason, and neither by a vendor', async () => {
      const buyer = actAs.user();
      const order = await paidOrder(buyer);
      const scratched = newId('refund');
      for (let time = 0; time < 2; time += 1)
        await tellRefund(stage, 'RefundSucceeded', order, { refundId: scratched, minor: '500', reason: 'Scratched' });
      await tellRefund(stage, 'RefundSucceeded', order, { minor: '99' });
      await stage.data(buyer, 'mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { __typename } }', {
        input: { orderId: order.id },
      });
      const { refundId } = await lastAsked(order);
      await tellRefund(stage, 'RefundSucceeded', order, { refundId, minor: '900', reason: 'ORDER_CANCELLED' });

      const done = { name: 'REFUND_PAYMENT', state: 'DONE', attempts: 1, isCompensation: true };
      for (const viewer of [buyer, actAs.admin()]) {
        const { history, timeline } = await seenBy(viewer, order);
        expect(history.filter(({ kind }) => kind.startsWith('REFUND_'))).toEqual([
          { kind: 'REFUND_SUCCEEDED', note: '5.00 USD: Scratched' },
          { kind: 'REFUND_SUCCEEDED', note: '0.99 USD' },
          { kind: 'REFUND_SUCCEEDED', note: '9.00 USD: ORDER_CANCELLED' },
        ]);
        expect(timeline.slice(3)).toMatchObject([
          { ...done, amount: { currency: 'USD', minor: '500' }, note: 'by an operator: Scratched' },
          { ...done, amount: { minor: '99' }, note: 'by an operator' },
          { name: 'RETURN_STOCK' },
          { ...done, amount: { minor: '900' }, note: 'ORDER_CANCELLED' },
        ]);
        expect(timeline[3]?.finishedAt).toBe(timeline[3]?.startedAt);
      }
      const { history, timeline } = await seenBy(vendor, order);
      expect(timeline).toEqual([]);
      expect(JSON.stringify(history)).not.toMatch(/REFUND|USD|Scratched/);
    });

    it('with no more of a reason than fits', async () => {
      const buyer = actAs.user();
      const order = await paidOrder(buyer);
      await tellRefund(stage, 'RefundSucceeded', order, { minor: '500', reason: 'x'.repeat(2_000) });
      const { history, timeline } = await seenBy(buyer, order);
      expect(history.at(-1)?.note).toBe(`5.00 USD: ${'x'.repeat(490)}`);
      expect(timeline.at(-1)?.note).toBe(`by an operator: ${'x'.repeat(500)}`);
    });
  });
});

interface Told {
  readonly kind: string;
  readonly note: string | null;
}

interface Step {
  readonly note: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}
