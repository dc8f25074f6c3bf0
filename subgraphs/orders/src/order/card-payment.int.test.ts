import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import {
  actAs,
  anOrder,
  BY_CARD,
  eventually,
  historyOf,
  makeDue,
  type OrdersStage,
  type PlacedOrder,
  startOrders,
  stateOf,
  stepsOf,
  tell,
  tellCard,
  tellRefund,
} from '../../test/orders-stage.ts';

describe('an order paid by card', () => {
  let stage: OrdersStage;
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  const cardOrder = async (buyer: Viewer = actAs.user()): Promise<PlacedOrder & { variantId: string }> => {
    const { variantId } = await stage.aVariant({ stock: 1 });
    return { ...(await anOrder(stage, buyer, variantId, 1, BY_CARD)), variantId };
  };
  const cancel = (buyer: Viewer, { id }: PlacedOrder) =>
    stage.data(buyer, 'mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { __typename } }', { input: { orderId: id } });
  const expire = async (order: PlacedOrder) => {
    await makeDue(stage, order);
    await eventually('the order has expired', async () => (await stateOf(stage, order.id)) === 'EXPIRED');
  };
  const rowOf = async ({ id }: PlacedOrder) =>
    (
      await stage.sql<{ state: string; payment_state: string; tender: string; captured_minor: string; expires_at: string }>(
        'select state, payment_state, tender, captured_minor, expires_at from orders where id = $1',
        [id],
      )
    )[0];
  const refundsOf = ({ paymentId }: PlacedOrder) => stage.published('RefundRequested', paymentId);
  const told = async ({ id }: PlacedOrder) => (await stage.published('OrderPaymentChanged', id)).map(({ paymentState }) => paymentState);
  const stockOf = async ({ variantId }: { variantId: string }) =>
    (await stage.sql('select on_hand, reserved, sold from stock_items where variant_id = $1', [variantId]))[0];
  const FREE = { on_hand: 1, reserved: 0, sold: '0' };

  it('is confirmed by the capture, with nothing more to ask for', async () => {
    const order = await cardOrder();
    for (let time = 0; time < 2; time += 1) await tellCard(stage, 'PaymentRequiresAction', order);
    expect(await told(order)).toEqual(['REQUIRES_ACTION', 'REQUIRES_ACTION']);
    expect(await stateOf(stage, order.id)).toBe('PENDING_PAYMENT');

    await tellCard(stage, 'PaymentCaptured', order);
    await tellCard(stage, 'PaymentRequiresAction', order);
    expect(await historyOf(stage, order.id)).toEqual(['PLACED', 'PAYMENT_REQUIRES_ACTION', 'PAYMENT_CAPTURED', 'CONFIRMED']);
    expect(await stepsOf(stage, order.id)).toEqual({ RESERVE_STOCK: 'DONE', REQUEST_PAYMENT: 'DONE', CONFIRM_STOCK: 'DONE' });
    expect(await stage.published('CaptureRequested', order.paymentId)).toEqual([]);
  });

  it('is not asked for again while the customer acts, and may need another attempt', async () => {
    const order = await cardOrder();
    await tellCard(stage, 'PaymentRequiresAction', order);
    expect(
      await stage.sql(
        `select s.state, s.next_attempt_at >= o.expires_at as rests from saga_steps s join orders o on o.id = s.order_id
         where s.order_id = $1 and s.name = 'REQUEST_PAYMENT'`,
        [order.id],
      ),
    ).toEqual([{ state: 'WAITING', rests: true }]);
    await tellCard(stage, 'PaymentFailed', order, { reason: 'CARD_DECLINED' });
    await tellCard(stage, 'PaymentRequiresAction', order);
    expect(await told(order)).toEqual(['REQUIRES_ACTION', 'FAILED', 'REQUIRES_ACTION']);
    expect(await stepsOf(stage, order.id)).toMatchObject({ REQUEST_PAYMENT: 'FAILED' });
  });

  it.each(['CANCELLED', 'EXPIRED'])('has money that comes after it was %s sent back the way it came', async (state) => {
    const buyer = actAs.user();
    const order = await cardOrder(buyer);
    await (state === 'EXPIRED' ? expire(order) : cancel(buyer, order));
    await tellCard(stage, 'PaymentRequiresAction', order);
    for (let time = 0; time < 2; time += 1) await tellCard(stage, 'PaymentCaptured', order);
    const refunds = await refundsOf(order);
    expect(refunds).toMatchObject([{ orderId: order.id, amount: order.amount, destination: 'ORIGINAL', reason: 'PAID_TOO_LATE' }]);

    const { order: seen } = await stage.data<{ order: { timeline: { name: string }[] } }>(
      buyer,
      'query ($id: ID!) { order(id: $id) { state history { kind } timeline { name state isCompensation amount { minor } note } } }',
      { id: order.id },
    );
    expect(seen.timeline.filter(({ name }) => name.endsWith('_PAYMENT'))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'VOID_PAYMENT', state: 'FAILED' }),
        { name: 'REFUND_PAYMENT', state: 'WAITING', isCompensation: true, amount: { minor: order.amount.minor }, note: 'PAID_TOO_LATE' },
      ]),
    );
    await tellRefund(stage, 'RefundSucceeded', order, { refundId: refunds[0]?.refundId, minor: order.amount.minor });
    expect(await stepsOf(stage, order.id)).toMatchObject({ REFUND_PAYMENT: 'DONE' });
  });

  it('needs a person when the provider refuses its refund, until an operator pays it back otherwise', async () => {
    const buyer = actAs.user();
    const order = await cardOrder(buyer);
    await tellCard(stage, 'PaymentCaptured', order);
    await cancel(buyer, order);
    const [refund] = await refundsOf(order);
    expect(refund).toMatchObject({ destination: 'ORIGINAL', reason: 'ORDER_CANCELLED' });
    const { minor } = order.amount;
    await tellRefund(stage, 'RefundFailed', order, { refundId: refund?.refundId, minor, reason: 'charge_already_disputed' });
    expect(await stepsOf(stage, order.id)).toMatchObject({ REFUND_PAYMENT: 'NEEDS_ATTENTION' });
    await tellRefund(stage, 'RefundSucceeded', order, { minor });
    expect(await stepsOf(stage, order.id)).toMatchObject({ REFUND_PAYMENT: 'DONE' });
    expect(await refundsOf(order)).toHaveLength(1);
  });

  it.each([
    ['CARD', 'WALLET', 'WALLET'],
    ['WALLET', 'CARD', 'ORIGINAL'],
  ])('placed with %s and paid by %s goes back to %s', async (placedWith, paidBy, destination) => {
    const buyer = actAs.user();
    const { variantId } = await stage.aVariant({ stock: 1 });
    const order = await anOrder(stage, buyer, variantId, 1, placedWith === 'CARD' ? BY_CARD : {});
    if (paidBy === 'WALLET') await tell(stage, 'PaymentAuthorised', order);
    await tell(stage, 'PaymentCaptured', order, null, paidBy);
    expect(await rowOf(order)).toMatchObject({ tender: paidBy });
    await cancel(buyer, order);
    expect(await refundsOf(order)).toMatchObject([{ destination }]);
  });

  describe('under review', () => {
    it('waits until the review is over, longer than for its money, and is confirmed by it', async () => {
      const order = await cardOrder();
      const reviewUntil = new Date(Date.now() + 86_400_000);
      for (let time = 0; time < 2; time += 1) await tellCard(stage, 'PaymentUnderReview', order, { reviewUntil });
      const row = await rowOf(order);
      expect(row).toMatchObject({ state: 'PENDING_PAYMENT', payment_state: 'UNDER_REVIEW', captured_minor: order.amount.minor });
      expect(new Date(row?.expires_at ?? 0)).toEqual(reviewUntil);
      expect(await stepsOf(stage, order.id)).toMatchObject({ REQUEST_PAYMENT: 'DONE' });
      await tellCard(stage, 'PaymentFailed', order, { reason: 'CARD_DECLINED' });

      await tellCard(stage, 'PaymentCaptured', order);
      await tellCard(stage, 'PaymentUnderReview', order, { reviewUntil: new Date(Date.now() + 2 * 86_400_000) });
      expect(await historyOf(stage, order.id)).toEqual(['PLACED', 'PAYMENT_UNDER_REVIEW', 'PAYMENT_CAPTURED', 'CONFIRMED']);
      expect(await told(order)).toEqual(['REVIEW', 'CAPTURED']);
      expect(new Date((await rowOf(order))?.expires_at ?? 0)).toEqual(reviewUntil);
    });

    it('never waits less than for its money', async () => {
      const order = await cardOrder();
      const before = await rowOf(order);
      await tellCard(stage, 'PaymentUnderReview', order, { reviewUntil: new Date(Date.now() - 1_000) });
      expect(await rowOf(order)).toMatchObject({ expires_at: before?.expires_at, payment_state: 'UNDER_REVIEW' });
    });

    it.each(['CANCELLED', 'EXPIRED'])('asks for a refund, once, when it is %s meanwhile, whatever the review says', async (state) => {
      const buyer = actAs.user();
      const order = await cardOrder(buyer);
      await tellCard(stage, 'PaymentUnderReview', order);
      await (state === 'EXPIRED' ? expire(order) : cancel(buyer, order));
      expect(await stage.published('VoidRequested', order.paymentId)).toEqual([]);
      await tellCard(stage, 'PaymentCaptured', order);
      await tellCard(stage, 'PaymentRejected', order);
      expect(await refundsOf(order)).toMatchObject([{ amount: order.amount, destination: 'ORIGINAL', reason: `ORDER_${state}` }]);
      expect(await rowOf(order)).toMatchObject({ state, payment_state: 'REJECTED' });
      expect(await stockOf(order)).toEqual(FREE);
    });

    it('that comes after its end sends the money back', async () => {
      const order = await cardOrder();
      await expire(order);
      await tellCard(stage, 'PaymentUnderReview', order);
      await tellCard(stage, 'PaymentCaptured', order);
      expect(await refundsOf(order)).toMatchObject([{ amount: order.amount, destination: 'ORIGINAL', reason: 'PAID_TOO_LATE' }]);
      expect(await stepsOf(stage, order.id)).toMatchObject({ VOID_PAYMENT: 'FAILED', REFUND_PAYMENT: 'WAITING' });
      expect(await historyOf(stage, order.id)).toEqual(['PLACED', 'EXPIRED', 'PAYMENT_UNDER_REVIEW', 'PAYMENT_CAPTURED']);
    });

    it('is confirmed although it could not be ended before, and nobody has to look any more', async () => {
      const order = await cardOrder();
      await stage.sql('update stock_items set reserved = 0 where variant_id = $1', [order.variantId]);
      await makeDue(stage, order);
      await eventually('a person is asked', async () => (await stepsOf(stage, order.id)).RELEASE_STOCK === 'NEEDS_ATTENTION');
      await stage.sql('update stock_items set reserved = 1 where variant_id = $1', [order.variantId]);
      await tellCard(stage, 'PaymentUnderReview', order);
      await tellCard(stage, 'PaymentCaptured', order);
      expect(await stateOf(stage, order.id)).toBe('CONFIRMED');
      expect(await stepsOf(stage, order.id)).toMatchObject({ RELEASE_STOCK: 'FAILED', CONFIRM_STOCK: 'DONE' });
    });
  });

  describe('whose payment is refused after it was taken', () => {
    it.each([
      ['at once', []],
      ['after a review', ['PaymentUnderReview']],
      ['after it was confirmed', ['PaymentCaptured']],
    ] as const)('ends, %s, and says no more than that', async (_when, before) => {
      const buyer = actAs.user();
      const order = await cardOrder(buyer);
      for (const type of before) await tellCard(stage, type, order);
      for (let time = 0; time < 2; time += 1) await tellCard(stage, 'PaymentRejected', order, { reason: 'velocity: 9 cards in an hour' });
      await tellCard(stage, 'PaymentCaptured', order);
      expect(await rowOf(order)).toMatchObject({ state: 'CANCELLED', payment_state: 'REJECTED', captured_minor: order.amount.minor });
      expect(await stockOf(order)).toEqual(FREE);
      expect(await refundsOf(order)).toMatchObject([{ amount: order.amount, destination: 'ORIGINAL' }]);
      expect(await stage.published('OrderCancelled', order.id)).toMatchObject([{ reason: 'the payment could not be accepted' }]);
      const seen = await stage.data<{ order: { timeline: object[] } }>(
        buyer,
        'query ($id: ID!) { order(id: $id) { history { kind note } timeline { name state note } allowedTransitions } }',
        { id: order.id },
      );
      expect(JSON.stringify(seen)).not.toContain('velocity');
      expect(await stepsOf(stage, order.id)).not.toHaveProperty('VOID_PAYMENT');
      expect(seen.order.timeline).toContainEqual({
        name: 'REQUEST_PAYMENT',
        state: 'FAILED',
        note: 'the payment could not be accepted',
      });
    });

    it('gives the money back also where the goods are gone, and asks for a person', async () => {
      const buyer = actAs.user();
      const { variantId } = await stage.aVariant({ kind: 'DIGITAL_UNITS', secrets: ['a'] });
      const order = await anOrder(stage, buyer, variantId, 1, BY_CARD);
      await tellCard(stage, 'PaymentCaptured', order);
      const [unit] = await stage.sql<{ id: string }>('select id from units where order_id = $1', [order.id]);
      await stage.data(buyer, 'mutation ($input: UnitRevealInput!) { unitReveal(input: $input) { __typename } }', {
        input: { unitId: unit?.id },
      });
      for (let time = 0; time < 2; time += 1) await tellCard(stage, 'PaymentRejected', order);
      expect(await stateOf(stage, order.id)).toBe('CONFIRMED');
      expect(await stepsOf(stage, order.id)).toMatchObject({
        REQUEST_PAYMENT: 'FAILED',
        CAPTURE_PAYMENT: 'NEEDS_ATTENTION',
        REFUND_PAYMENT: 'WAITING',
      });
      expect(await refundsOf(order)).toMatchObject([{ destination: 'ORIGINAL', reason: 'PAYMENT_REJECTED' }]);
    });

    it('and that has ended already only gives the money back', async () => {
      const order = await cardOrder();
      await expire(order);
      for (let time = 0; time < 2; time += 1) await tellCard(stage, 'PaymentRejected', order);
      expect(await refundsOf(order)).toMatchObject([{ amount: order.amount, destination: 'ORIGINAL', reason: 'PAID_TOO_LATE' }]);
      expect(await stateOf(stage, order.id)).toBe('EXPIRED');
    });
  });
});
