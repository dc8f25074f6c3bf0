import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { failureOf, NO_REDIRECTS, pay, startTestbed, type Testbed } from '../../../test/testbed.ts';

const DAY_MS = 86_400_000;

describe('a PaymentIntent', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  beforeEach(() => bed.control.reset());
  afterAll(() => bed.close());

  it('goes from no method over confirmation to success', async () => {
    const intent = await bed.stripe.paymentIntents.create({ amount: 2500, currency: 'EUR', metadata: { order: '1' } });
    expect(intent).toMatchObject({ status: 'requires_payment_method', currency: 'eur', capture_method: 'automatic_async' });
    expect(intent.client_secret).toMatch(new RegExp(`^${intent.id}_secret_\\w{25}$`));
    const updated = await bed.stripe.paymentIntents.update(intent.id, {
      payment_method: 'pm_card_visa',
      metadata: { order: '', step: '2' },
    });
    expect(updated).toMatchObject({ status: 'requires_confirmation', metadata: { step: '2' } });
    const paid = await bed.stripe.paymentIntents.confirm(intent.id, { return_url: 'http://shop.example/', expand: ['latest_charge'] });
    expect(paid).toMatchObject({ status: 'succeeded', amount_received: 2500 });
    expect(paid.latest_charge).toMatchObject({
      paid: true,
      captured: true,
      outcome: { type: 'authorized' },
      payment_method_details: { card: { brand: 'visa', last4: '4242', country: 'US' } },
    });
  });

  it.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
    ['pm_card_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', ''],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', ''],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', ''],
  ])('with %s is declined as %s, %s', async (method, code, declineCode) => {
    const error = await failureOf(pay(bed.stripe, method));
    expect(error).toMatchObject({ type: 'StripeCardError', statusCode: 402, code, decline_code: declineCode });
    const intent = await bed.stripe.paymentIntents.retrieve(error.payment_intent?.id ?? '', { expand: ['latest_charge'] });
    expect(intent).toMatchObject({ status: 'requires_payment_method', payment_method: null, last_payment_error: { code } });
    expect(intent.latest_charge).toMatchObject({ status: 'failed', paid: false, failure_code: code });
    expect((await bed.control.books()).charges).toEqual([]);
  });

  it('asks for authentication and goes on after it', async () => {
    const intent = await pay(bed.stripe, 'pm_card_threeDSecure2Required', { return_url: 'http://shop.example/back' });
    expect(intent).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'redirect_to_url', redirect_to_url: { url: `${bed.simulator.url}/3d-secure/${intent.id}` } },
    });
    expect(await bed.control.resolveThreeDSecure(intent.id, true)).toMatchObject({ status: 'SUCCEEDED' });
    const { latest_charge: charge } = await bed.stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
    expect(charge).toMatchObject({ payment_method_details: { card: { three_d_secure: { result: 'authenticated' } } } });
  });

  it('is declined off session when the card needs its owner, unless it was set up before', async () => {
    const customer = await bed.stripe.customers.create();
    const offSession = { customer: customer.id, off_session: true };
    const error = await failureOf(pay(bed.stripe, 'pm_card_authenticationRequired', offSession));
    expect(error).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
      payment_intent: { status: 'requires_payment_method' },
    });
    const setup = await bed.stripe.setupIntents.create({
      customer: customer.id,
      payment_method: 'pm_card_authenticationRequiredOnSetup',
      confirm: true,
    });
    expect(setup.status).toBe('requires_action');
    await bed.control.resolveThreeDSecure(setup.id, true);
    const paid = await pay(bed.stripe, String(setup.payment_method), offSession);
    expect(paid.status).toBe('succeeded');
  });

  it('is authorized, captured in part, and captured once only', async () => {
    const intent = await pay(bed.stripe, 'pm_card_visa', { capture_method: 'manual' });
    expect(intent).toMatchObject({ status: 'requires_capture', amount_capturable: 2500, amount_received: 0 });
    const excess = bed.stripe.paymentIntents.capture(intent.id, { amount_to_capture: 2501 });
    expect(await failureOf(excess)).toMatchObject({ code: 'amount_too_large', param: 'amount_to_capture' });
    const captured = await bed.stripe.paymentIntents.capture(intent.id, { amount_to_capture: 2000 }, { idempotencyKey: 'capture' });
    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 2000, amount_capturable: 0 });
    expect(await failureOf(bed.stripe.paymentIntents.capture(intent.id))).toMatchObject({ code: 'payment_intent_unexpected_state' });
    expect((await bed.control.books()).currencies.eur).toEqual({ charged: 2000, refunded: 0, disputed: 0, fees: 88, net: 1912 });
  });

  it('loses its authorization after seven days', async () => {
    const intent = await pay(bed.stripe, 'pm_card_visa', { capture_method: 'manual' });
    await bed.control.advanceClock(7 * DAY_MS);
    expect(await bed.stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: 'canceled', cancellation_reason: 'automatic' });
  });

  it('is canceled before success only', async () => {
    const intent = await bed.stripe.paymentIntents.create({ amount: 2500, currency: 'eur' });
    const canceled = await bed.stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'abandoned' });
    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' });
    const paid = await pay(bed.stripe);
    const error = await failureOf(bed.stripe.paymentIntents.cancel(paid.id));
    expect(error).toMatchObject({ code: 'payment_intent_unexpected_state', payment_intent: { id: paid.id, status: 'succeeded' } });
    expect(await failureOf(bed.stripe.paymentIntents.confirm(paid.id))).toMatchObject({ code: 'payment_intent_unexpected_state' });
  });

  it('takes a method without a customer once', async () => {
    const method = await bed.stripe.paymentMethods.create({
      type: 'card',
      card: { number: '4242424242424242', exp_month: 1, exp_year: 2040 },
    });
    await pay(bed.stripe, method.id);
    expect((await failureOf(pay(bed.stripe, method.id))).message).toContain('previously used');
  });

  it('takes a saved method for its customer only', async () => {
    const [ada, bob] = await Promise.all([bed.stripe.customers.create(), bed.stripe.customers.create()]);
    const method = await bed.stripe.paymentMethods.attach('pm_card_mastercard', { customer: ada.id });
    expect((await pay(bed.stripe, method.id, { customer: ada.id })).status).toBe('succeeded');
    expect((await failureOf(pay(bed.stripe, method.id, { customer: bob.id }))).message).toContain('does not have a payment method');
    expect((await failureOf(pay(bed.stripe, method.id))).message).toContain('Please include the Customer');
    expect((await bed.stripe.paymentMethods.list({ customer: ada.id })).data).toMatchObject([{ id: method.id }]);
  });

  it('needs a return_url where a method could redirect', async () => {
    const call = pay(bed.stripe, 'pm_card_visa', { automatic_payment_methods: { enabled: true } });
    expect((await failureOf(call)).message).toContain('must provide a `return_url`');
    expect((await bed.stripe.paymentIntents.list()).data).toEqual([]);
  });

  it.each<[string, number, string | undefined]>([
    ['usd', 49, 'amount_too_small'],
    ['gbp', 29, 'amount_too_small'],
    ['jpy', 49, 'amount_too_small'],
    ['usd', 100_000_000, 'amount_too_large'],
    ['kwd', 1001, 'invalid_charge_amount'],
    ['xxx', 1000, undefined],
  ])('in %s of %d is refused: %s', async (currency, amount, code) => {
    expect(await failureOf(bed.stripe.paymentIntents.create({ amount, currency }))).toMatchObject({ statusCode: 400, code });
  });

  it.each<[string, number, number]>([
    ['usd', 50, 31],
    ['gbp', 30, 31],
    ['jpy', 50, 31],
    ['kwd', 1000, 119],
  ])('in %s of %d costs a fee of %d', async (currency, amount, fee) => {
    await pay(bed.stripe, 'pm_card_visa', { amount, currency });
    expect((await bed.stripe.balanceTransactions.list()).data).toMatchObject([
      { type: 'charge', amount, fee, net: amount - fee, currency },
    ]);
  });

  it('shows the same fingerprint for the same number, and the country of the card', async () => {
    const card = (number: string) => ({ type: 'card' as const, card: { number, exp_month: 5, exp_year: 2035, cvc: '123' } });
    const [first, second, british] = await Promise.all(
      ['4242424242424242', '4242424242424242', '4000008260000000'].map((number) => bed.stripe.paymentMethods.create(card(number))),
    );
    expect(first?.card?.fingerprint).toBe(second?.card?.fingerprint);
    expect(british?.card).toMatchObject({ country: 'GB', brand: 'visa', last4: '0000' });
    expect(british?.card?.fingerprint).not.toBe(first?.card?.fingerprint);
  });

  it.each([
    ['4242424242424241', 'incorrect_number', ''],
    ['4111111111111111', 'card_declined', 'test_mode_live_card'],
  ])('takes no card %s', async (number, code, declineCode) => {
    const call = bed.stripe.paymentMethods.create({ type: 'card', card: { number, exp_month: 5, exp_year: 2035 } });
    expect(await failureOf(call)).toMatchObject({ statusCode: 402, code, decline_code: declineCode });
  });

  it('cannot be confirmed or canceled beside its Checkout Session', async () => {
    const session = await bed.stripe.checkout.sessions.create(SESSION);
    const { paymentIntent } = await bed.control.payCheckoutSession(session.id, { card: '4000000000000002' });
    expect((await failureOf(bed.stripe.paymentIntents.cancel(paymentIntent ?? ''))).message).toContain('Expire the session instead');
  });

  it('is confirmed by the customer with a card of theirs', async () => {
    const intent = await bed.stripe.paymentIntents.create({ amount: 2500, currency: 'eur', automatic_payment_methods: NO_REDIRECTS });
    const failed = await bed.control.confirmPaymentIntent(intent.id, { card: '4000002760003184', threeDSecure: 'FAIL' });
    expect(failed).toMatchObject({ status: 'DECLINED', code: 'payment_intent_authentication_failure' });
    expect(await bed.control.confirmPaymentIntent(intent.id, { card: 'pm_card_gb' })).toMatchObject({ status: 'SUCCEEDED' });
    await expect(bed.control.confirmPaymentIntent(intent.id)).rejects.toMatchObject({ code: 'payment_intent_unexpected_state' });
  });
});

const SESSION: Stripe.Checkout.SessionCreateParams = {
  mode: 'payment',
  line_items: [{ price_data: { currency: 'eur', unit_amount: 1000, product_data: { name: 'Mug' } } }],
  success_url: 'http://shop.example/done',
};
