import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import {
  actAs,
  anOrder,
  BY_CARD,
  COMPLETE,
  type OrdersStage,
  purchase,
  quoted,
  startOrders,
  stateOf,
  stepsOf,
  tell,
} from '../../test/orders-stage.ts';

interface Completed {
  readonly checkoutComplete: { readonly __typename: string; readonly order?: { readonly id: string; readonly state: string } | null };
}

describe('the way from cart to paid', () => {
  let stage: OrdersStage;
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  it('reserves at checkout, sells and delivers when the payment is authorised', async () => {
    const buyer = actAs.user();
    const variant = await stage.aVariant({ kind: 'DIGITAL_UNITS', secrets: ['one', 'two', 'three'] });
    const order = await anOrder(stage, buyer, variant.variantId, 2);
    expect(await stage.sql('select on_hand, reserved, sold from stock_items where variant_id = $1', [variant.variantId])).toEqual([
      { on_hand: 3, reserved: 2, sold: '0' },
    ]);
    const [requested] = await stage.published('PaymentRequested', order.paymentId);
    expect(requested).toMatchObject({ orderId: order.id, customerId: buyer.userId, amount: { currency: 'USD', minor: '2000' } });

    await tell(stage, 'PaymentAuthorised', order);
    await tell(stage, 'PaymentCaptured', order);

    const { order: seen } = await stage.data<{ order: Record<string, unknown> }>(
      buyer,
      `query ($id: ID!) { order(id: $id) { state allowedTransitions authorised { minor } captured { minor } refunded { minor }
        units { state description product { id } } timeline { name state attempts isCompensation amount { minor } } history { kind } customer { id } } }`,
      { id: order.id },
    );
    expect(seen).toMatchObject({
      state: 'CONFIRMED',
      allowedTransitions: ['CANCEL'],
      authorised: { minor: '2000' },
      captured: { minor: '2000' },
      units: [{ state: 'DELIVERED', description: 'Thing – Blue' }, { state: 'DELIVERED' }],
      history: ['PLACED', 'PAYMENT_AUTHORISED', 'CONFIRMED', 'UNITS_DELIVERED', 'PAYMENT_CAPTURED'].map((kind) => ({ kind })),
    });
    expect(await stepsOf(stage, order.id)).toEqual({
      RESERVE_STOCK: 'DONE',
      REQUEST_PAYMENT: 'DONE',
      CONFIRM_STOCK: 'DONE',
      DELIVER_UNITS: 'DONE',
      CAPTURE_PAYMENT: 'DONE',
    });
    expect(await stage.published('UnitsDelivered', order.id)).toHaveLength(1);
    expect(await stage.sql('select on_hand, reserved, sold from stock_items where variant_id = $1', [variant.variantId])).toEqual([
      { on_hand: 1, reserved: 0, sold: '2' },
    ]);
  });

  it('sells the last 5 pieces to exactly 5 of 50 buyers at once', async () => {
    const variant = await stage.aVariant({ stock: 5 });
    const buyers = Array.from({ length: 50 }, () => actAs.user());
    const ready = await Promise.all(buyers.map((buyer) => quoted(stage, buyer, variant.variantId)));
    const answers = await Promise.all(
      buyers.map((buyer, index) => stage.data<Completed>(buyer, COMPLETE, { input: purchase(ready[index] as (typeof ready)[0]) })),
    );
    const outcomes = answers.map(({ checkoutComplete }) => checkoutComplete.__typename);
    expect(outcomes.filter((name) => name === 'CheckoutCompleted')).toHaveLength(5);
    expect(outcomes.filter((name) => name === 'OutOfStock')).toHaveLength(45);
    const orders = await stage.sql('select distinct order_id from order_lines where variant_id = $1', [variant.variantId]);
    expect(orders).toHaveLength(5);
    expect(await stage.sql('select on_hand, reserved from stock_items where variant_id = $1', [variant.variantId])).toEqual([
      { on_hand: 5, reserved: 5 },
    ]);
  });

  it('makes one order of one key, sent twice at once, and answers both alike', async () => {
    const buyer = actAs.user();
    const variant = await stage.aVariant({ stock: 5 });
    const input = purchase(await quoted(stage, buyer, variant.variantId));
    const [left, right] = await Promise.all([0, 1].map(() => stage.ask(buyer, COMPLETE, { input }, { key: 'same' })));
    const replay = await stage.ask(buyer, COMPLETE, { input }, { key: 'same' });
    expect(left?.errors).toBeUndefined();
    expect(left?.data).toEqual(right?.data);
    expect(replay.data).toEqual(left?.data);
    expect(await stage.sql('select id from orders where customer_id = $1', [buyer.userId])).toHaveLength(1);
    const other = await stage.ask(
      buyer,
      COMPLETE,
      { input: { ...input, walletId: purchase({ cartId: '', quoteId: '' }).walletId } },
      { key: 'same' },
    );
    expect(other.data).toMatchObject({ checkoutComplete: { __typename: 'IdempotencyKeyReused' } });
  });

  it('answers a new quote when a price has changed, and OutOfStock for what is no longer sold', async () => {
    const buyer = actAs.user();
    const variant = await stage.aVariant({ stock: 5 });
    const ready = await quoted(stage, buyer, variant.variantId);
    const payload = { ...variant, prices: [{ currency: 'USD', minor: '1500' }], sku: 'SKU-1', title: 'Blue', productTitle: 'Thing' };
    await stage.play({ type: 'PriceChanged', aggregateId: variant.productId, payload });
    const changed = await stage.data<Completed>(buyer, COMPLETE, { input: purchase(ready) });
    expect(changed.checkoutComplete).toMatchObject({ __typename: 'PriceChanged', quote: { total: { minor: '1999' } } });

    await stage.play({ type: 'ProductArchived', aggregateId: variant.productId, payload: { ...variant, title: 'Thing', slug: 'thing' } });
    const gone = await stage.data<Completed>(buyer, COMPLETE, { input: purchase(ready) });
    expect(gone.checkoutComplete).toMatchObject({ __typename: 'OutOfStock', lines: [{ requested: 1, available: 0 }] });
  });

  it('refuses another tender, a missing address, a foreign cart and a quote that was used', async () => {
    const buyer = actAs.user();
    const variant = await stage.aVariant({ stock: 5 });
    const ready = await quoted(stage, buyer, variant.variantId);
    const complete = async (viewer: typeof buyer, input: Record<string, unknown>) =>
      (await stage.data<Completed>(viewer, COMPLETE, { input })).checkoutComplete;

    for (const tender of ['PAYPAL', 'SPLIT'])
      expect(await complete(buyer, { ...purchase(ready), tender })).toMatchObject({
        __typename: 'InvalidInput',
        issues: [{ path: ['input', 'tender'] }],
      });
    expect(await complete(buyer, { ...purchase(ready), tender: 'CARD' })).toMatchObject({ issues: [{ path: ['input', 'walletId'] }] });
    expect(await complete(buyer, { ...purchase(ready), paymentMethodId: newId('paymentMethod') })).toMatchObject({
      issues: [{ path: ['input', 'paymentMethodId'] }],
    });
    expect(await complete(buyer, { ...purchase(ready), ...BY_CARD, paymentMethodId: newId('wallet') })).toMatchObject({
      issues: [{ path: ['input', 'paymentMethodId'] }],
    });
    expect(await complete(buyer, { ...purchase(ready), shippingAddress: null })).toMatchObject({ __typename: 'InvalidInput' });
    expect(await complete(buyer, { ...purchase(ready), walletId: null })).toMatchObject({ __typename: 'InvalidInput' });
    expect(await complete(actAs.user(), purchase(ready))).toMatchObject({ __typename: 'CartNotFound' });
    expect(await stage.sql('select id from orders where customer_id = $1', [buyer.userId])).toEqual([]);

    expect(await complete(buyer, purchase(ready))).toMatchObject({ __typename: 'CheckoutCompleted' });
    expect(await complete(buyer, purchase(ready))).toMatchObject({ __typename: 'CartEmpty' });
    await quoted(stage, buyer, variant.variantId);
    expect(await complete(buyer, purchase(ready))).toMatchObject({ __typename: 'QuoteExpired' });
  });

  it('confirms at once what costs nothing', async () => {
    const buyer = actAs.user();
    const variant = await stage.aVariant({ kind: 'DIGITAL_UNITS', secrets: ['free'], prices: [{ currency: 'USD', minor: '0' }] });
    const order = await anOrder(stage, buyer, variant.variantId);
    expect(await stateOf(stage, order.id)).toBe('CONFIRMED');
    expect(order.paymentId).toBeNull();
  });
});
