import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { checkout, failureOf, startTestbed, type Testbed } from '../../../test/testbed.ts';

const HOUR_MS = 3_600_000;

describe('a Checkout Session', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  beforeEach(() => bed.control.reset());
  afterAll(() => bed.close());

  it('has the sum of its lines, a page, and no PaymentIntent until somebody pays', async () => {
    const session = await checkout(bed.stripe, { client_reference_id: 'cart-1', metadata: { order: '7' } });
    expect(session).toMatchObject({
      object: 'checkout.session',
      amount_total: 2500,
      currency: 'eur',
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      client_reference_id: 'cart-1',
      metadata: { order: '7' },
      customer_creation: 'if_required',
      url: `${bed.simulator.url}/c/pay/${session.id}`,
    });
    expect(session.id).toMatch(/^cs_test_\w{58}$/);
    expect(session.line_items).toBeUndefined();
  });

  it('is complete when it is paid, and expands down to the balance transaction', async () => {
    const session = await checkout(bed.stripe, { payment_intent_data: { metadata: { attempt: 'a-1' } } });
    expect(await bed.control.payCheckoutSession(session.id)).toMatchObject({ status: 'SUCCEEDED' });
    const paid = await bed.stripe.checkout.sessions.retrieve(session.id, {
      expand: ['payment_intent.latest_charge.balance_transaction', 'line_items'],
    });
    expect(paid).toMatchObject({ status: 'complete', payment_status: 'paid', url: null });
    expect(paid.payment_intent).toMatchObject({
      status: 'succeeded',
      amount_received: 2500,
      metadata: { attempt: 'a-1' },
      latest_charge: { amount_captured: 2500, metadata: { attempt: 'a-1' }, balance_transaction: { amount: 2500, fee: 103, net: 2397 } },
    });
    expect(paid.line_items?.data.map(({ description }) => description)).toEqual(['Mug', 'Shipping']);
    expect(await bed.control.chargesFor('attempt', 'a-1')).toHaveLength(1);
  });

  it('lets the customer try again after a decline, with the same PaymentIntent', async () => {
    const session = await checkout(bed.stripe);
    const declined = await bed.control.payCheckoutSession(session.id, { card: '4000000000009995' });
    expect(declined).toMatchObject({ status: 'DECLINED', code: 'card_declined', declineCode: 'insufficient_funds' });
    expect(await bed.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'open',
      payment_intent: declined.paymentIntent,
    });
    const paid = await bed.control.payCheckoutSession(session.id, { card: '5555 5555 5555 4444' });
    expect(paid).toMatchObject({ status: 'SUCCEEDED', paymentIntent: declined.paymentIntent });
  });

  it.each([
    ['COMPLETE', 'SUCCEEDED', null],
    ['FAIL', 'DECLINED', 'payment_intent_authentication_failure'],
  ] as const)('ends by the answer %s at the 3-D Secure page', async (threeDSecure, status, code) => {
    const session = await checkout(bed.stripe);
    expect(await bed.control.payCheckoutSession(session.id, { card: '4000002760003184', threeDSecure })).toMatchObject({ status, code });
  });

  it('waits at the 3-D Secure page until somebody answers', async () => {
    const session = await checkout(bed.stripe);
    const waiting = await bed.control.payCheckoutSession(session.id, { card: '4000002760003184' });
    expect(waiting).toMatchObject({ status: 'REQUIRES_ACTION', charge: null });
    expect(waiting.threeDSecureUrl).toBe(`${bed.simulator.url}/3d-secure/${waiting.paymentIntent}`);
    expect(await bed.control.resolveThreeDSecure(waiting.paymentIntent ?? '', true)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is processing while the bank is slow, and cannot be expired or paid again meanwhile', async () => {
    const session = await checkout(bed.stripe);
    const outcome = bed.control.payCheckoutSession(session.id, { delayMs: HOUR_MS });
    await expect(bed.control.payCheckoutSession(session.id)).rejects.toThrow('being paid already');
    await expect(bed.stripe.checkout.sessions.expire(session.id)).rejects.toThrow('being processed');
    await bed.control.advanceClock(HOUR_MS);
    expect(await outcome).toMatchObject({ status: 'SUCCEEDED' });
    expect(bed.receiver.types()).toContain('payment_intent.processing');
  });

  it('tells those who wait for a slow bank that the payment was canceled', async () => {
    const intent = await bed.stripe.paymentIntents.create({ amount: 2500, currency: 'eur' });
    const outcome = bed.control.confirmPaymentIntent(intent.id, { delayMs: HOUR_MS });
    expect((await bed.stripe.paymentIntents.retrieve(intent.id)).status).toBe('processing');
    await bed.stripe.paymentIntents.cancel(intent.id);
    await bed.control.advanceClock(HOUR_MS);
    expect(await outcome).toMatchObject({ status: 'CANCELED', charge: null });
  });

  it('expires by the clock, with its event, and cancels the PaymentIntent of a declined try', async () => {
    const expiresAt = Math.floor((await bed.control.now()) / 1000) + 31 * 60;
    const session = await checkout(bed.stripe, { expires_at: expiresAt });
    const { paymentIntent } = await bed.control.payCheckoutSession(session.id, { card: '4000000000000002' });
    await bed.control.advanceClock(30 * 60_000);
    expect((await bed.stripe.checkout.sessions.retrieve(session.id)).status).toBe('open');
    await bed.control.advanceClock(60_000);
    expect(await bed.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'expired', url: null });
    expect((await bed.stripe.paymentIntents.retrieve(paymentIntent ?? '')).status).toBe('canceled');
    expect(bed.receiver.types()).toContain('checkout.session.expired');
    await expect(bed.control.payCheckoutSession(session.id)).rejects.toThrow('its status is expired');
  });

  it('lives as long as a shop with a clock of its own wants, when the simulated clock was moved', async () => {
    await bed.control.advanceClock(HOUR_MS);
    const wanted = Math.floor(Date.now() / 1000) + 31 * 60;
    const create = (expiresAt: number): Promise<Stripe.Checkout.Session> =>
      bed.stripe.checkout.sessions.create({ ...PAGE, expires_at: expiresAt }, { idempotencyKey: 'moved' });
    const session = await create(wanted);
    expect(session.expires_at).toBe(wanted + 3600);
    expect(await create(wanted)).toEqual(session);
    expect(await failureOf(create(wanted + 1))).toMatchObject({ rawType: 'idempotency_error' });
    expect((await bed.stripe.checkout.sessions.retrieve(session.id)).expires_at).toBe(wanted + 3600);
    await bed.control.advanceClock(30 * 60_000);
    expect((await bed.stripe.checkout.sessions.retrieve(session.id)).status).toBe('open');
    await bed.control.advanceClock(60_000);
    expect(await bed.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'expired', expires_at: wanted + 3600 });
    const { data } = (await bed.control.events()).find(({ type }) => type === 'checkout.session.expired') ?? {};
    expect(data?.object).toMatchObject({ id: session.id, expires_at: wanted + 3600 });
  });

  it('takes an expiry by the simulated clock that was moved far, and refuses one that no clock allows', async () => {
    await bed.control.advanceClock(72 * HOUR_MS);
    const expiresAt = Math.floor((await bed.control.now()) / 1000) + 31 * 60;
    expect((await checkout(bed.stripe, { expires_at: expiresAt })).expires_at).toBe(expiresAt);
    const realNow = Math.floor(Date.now() / 1000);
    expect((await failureOf(checkout(bed.stripe, { expires_at: realNow + 60 }))).message).toContain('at least 30 minutes');
    expect((await failureOf(checkout(bed.stripe, { expires_at: realNow + 90_000 }))).message).toContain('less than 24 hours');
    expect((await failureOf(checkout(bed.stripe, { expires_at: expiresAt + 90_000 }))).message).toContain('less than 24 hours');
  });

  it('is expired by the shop only while it is open', async () => {
    const session = await checkout(bed.stripe);
    expect((await bed.stripe.checkout.sessions.expire(session.id)).status).toBe('expired');
    expect((await failureOf(bed.stripe.checkout.sessions.expire(session.id))).message).toContain('status of `expired`');
  });

  it('saves a card for later in setup mode', async () => {
    const customer = await bed.stripe.customers.create({ email: 'ada@example.com' });
    const session = await checkout(bed.stripe, { mode: 'setup', currency: 'eur', customer: customer.id, ...WITHOUT_LINES });
    expect(await bed.control.payCheckoutSession(session.id)).toMatchObject({ status: 'SET_UP' });
    const complete = await bed.stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent.payment_method'] });
    const { payment_method: method } = complete.setup_intent as Stripe.SetupIntent; // expanded
    expect(complete).toMatchObject({ status: 'complete', payment_status: 'no_payment_required' });
    expect(method).toMatchObject({ customer: customer.id, card: { last4: '4242' } });
  });

  it('makes the customer that the shop asked for', async () => {
    const session = await checkout(bed.stripe, { customer_creation: 'always', customer_email: 'ada@example.com' });
    await bed.control.payCheckoutSession(session.id, { name: 'Ada' });
    const { customer, customer_details: details } = await bed.stripe.checkout.sessions.retrieve(session.id, { expand: ['customer'] });
    expect(customer).toMatchObject({ email: 'ada@example.com', name: 'Ada' });
    expect(details).toMatchObject({ email: 'ada@example.com', name: 'Ada' });
  });

  it.each<[string, Partial<Stripe.Checkout.SessionCreateParams>, string | undefined, string]>([
    ['a life below 30 minutes', { expires_at: Math.floor(Date.now() / 1000) + 60 }, undefined, 'expires_at'],
    ['a life above 24 hours', { expires_at: Math.floor(Date.now() / 1000) + 90_000 }, undefined, 'expires_at'],
    ['no lines', { line_items: [] }, 'parameter_missing', 'line_items'],
    ['too small a total', { line_items: [line('eur', 49)] }, 'amount_too_small', 'line_items'],
    ['two currencies', { line_items: [line('eur', 500), line('usd', 500)] }, undefined, 'line_items[1][price_data][currency]'],
    ['no quantity', { line_items: [{ ...line('eur', 500), quantity: 0 }] }, 'parameter_invalid_integer', 'line_items[0][quantity]'],
    ['an unknown customer', { customer: 'cus_none' }, 'resource_missing', 'customer'],
    ['a page that is no URL', { success_url: 'done' }, 'url_invalid', 'success_url'],
  ])('is refused with %s', async (_, parameters, code, param) => {
    expect(await failureOf(checkout(bed.stripe, parameters))).toMatchObject({ statusCode: 400, code, param });
  });
});

const WITHOUT_LINES = { line_items: undefined } as unknown as Partial<Stripe.Checkout.SessionCreateParams>; // takes the lines of the default away

const PAGE = {
  mode: 'payment',
  line_items: [line('eur', 2500)],
  success_url: 'http://shop.example/done',
} satisfies Stripe.Checkout.SessionCreateParams;

function line(currency: string, amount: number): Stripe.Checkout.SessionCreateParams.LineItem {
  return { price_data: { currency, unit_amount: amount, product_data: { name: 'Thing' } }, quantity: 1 };
}
