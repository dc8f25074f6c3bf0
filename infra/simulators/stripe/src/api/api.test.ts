import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { failureOf, pay, sdkFor, startTestbed, type Testbed } from '../../test/testbed.ts';

describe('the API', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  beforeEach(() => bed.control.reset());
  afterAll(() => bed.close());

  it.each([
    ['sk_test_wrong', 'Invalid API Key provided'],
    ['pk_test_simulator', 'publishable API key'],
  ])('refuses the key %s', async (secretKey, message) => {
    const error = await failureOf(sdkFor({ url: bed.simulator.url, secretKey }).balance.retrieve());
    expect(error).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    expect(error.message).toContain(message);
  });

  it('takes the key as the user of basic authentication, and answers with request id and version', async () => {
    const authorization = `Basic ${Buffer.from(`${bed.simulator.secretKey}:`).toString('base64')}`;
    const response = await fetch(`${bed.simulator.url}/v1/balance`, { headers: { authorization, 'stripe-version': '2026-10-28.endive' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('request-id')).toMatch(/^req_\w{14}$/);
    expect(response.headers.get('stripe-version')).toBe('2026-10-28.endive');
  });

  it.each([
    [{ amount: 1000, currency: 'eur', amuont: 1 }, 'parameter_unknown', 'amuont'],
    [{ amount: 1000 }, 'parameter_missing', 'currency'],
    [{ amount: 10.5, currency: 'eur' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: 1000, currency: 'eur', capture_method: 'later' }, undefined, 'capture_method'],
    [
      { amount: 1000, currency: 'eur', automatic_payment_methods: { enabled: true, foo: 1 } },
      'parameter_unknown',
      'automatic_payment_methods[foo]',
    ],
    [{ amount: 1000, currency: 'eur', metadata: { ['k'.repeat(41)]: 'v' } }, 'parameter_invalid_string_length', 'metadata'],
  ])('refuses %j', async (parameters, code, param) => {
    const call = bed.stripe.paymentIntents.create(parameters as unknown as Stripe.PaymentIntentCreateParams); // wrong on purpose
    expect(await failureOf(call)).toMatchObject({ type: 'StripeInvalidRequestError', code, param });
  });

  it('answers 404 for what is not there', async () => {
    const error = await failureOf(bed.stripe.paymentIntents.retrieve('pi_none'));
    expect(error).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'intent',
      message: "No such payment_intent: 'pi_none'",
    });
    expect(await failureOf(bed.stripe.refunds.retrieve('re_none'))).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    expect((await failureOf(bed.stripe.products.list())).message).toContain('Unrecognized request URL (GET: /v1/products)');
  });

  it('merges metadata: new keys come, empty ones go, the rest stays', async () => {
    const { id } = await bed.stripe.customers.create({ metadata: { a: '1', b: '2' } });
    expect((await bed.stripe.customers.update(id, { metadata: { b: '', c: '3' } })).metadata).toEqual({ a: '1', c: '3' });
    expect((await bed.stripe.customers.update(id, { metadata: '' })).metadata).toEqual({});
  });

  it('pages lists in both directions, newest first', async () => {
    for (let count = 0; count < 5; count += 1) await bed.stripe.customers.create({ name: String(count) });
    const names = ({ data }: Stripe.ApiList<Stripe.Customer>) => data.map(({ name }) => name);
    const first = await bed.stripe.customers.list({ limit: 2 });
    expect([names(first), first.has_more]).toEqual([['4', '3'], true]);
    const next = await bed.stripe.customers.list({ limit: 2, starting_after: first.data[1]?.id ?? '' });
    expect([names(next), next.has_more]).toEqual([['2', '1'], true]);
    const before = await bed.stripe.customers.list({ limit: 1, ending_before: next.data[0]?.id ?? '' });
    expect([names(before), before.has_more]).toEqual([['3'], true]);
    const all: (string | null | undefined)[] = [];
    for await (const { name } of bed.stripe.customers.list({ limit: 2 })) all.push(name);
    expect(all).toEqual(['4', '3', '2', '1', '0']);
    expect(await failureOf(bed.stripe.customers.list({ limit: 101 }))).toMatchObject({ param: 'limit' });
    expect(await failureOf(bed.stripe.customers.list({ starting_after: 'cus_none' }))).toMatchObject({ code: 'resource_missing' });
  });

  it('filters lists by the time of creation', async () => {
    const old = await bed.stripe.customers.create();
    await bed.control.advanceClock(60_000);
    const young = await bed.stripe.customers.create();
    const idsWith = async (created: Stripe.RangeQueryParam) => (await bed.stripe.customers.list({ created })).data.map(({ id }) => id);
    expect(await idsWith({ gt: old.created })).toEqual([young.id]);
    expect(await idsWith({ lt: young.created })).toEqual([old.id]);
  });

  it('expands in lists, and refuses what cannot be expanded', async () => {
    const customer = await bed.stripe.customers.create({ name: 'Ada' });
    const intent = await pay(bed.stripe, 'pm_card_visa', { customer: customer.id });
    await bed.stripe.refunds.create({ payment_intent: intent.id, amount: 100 });
    const { data } = await bed.stripe.paymentIntents.list({ expand: ['data.customer', 'data.latest_charge.refunds'] });
    expect(data).toMatchObject([{ customer: { name: 'Ada' }, latest_charge: { refunds: { data: [{ amount: 100 }], has_more: false } } }]);
    const { message } = await failureOf(bed.stripe.paymentIntents.retrieve(intent.id, { expand: ['status'] }));
    expect(message).toBe('This property cannot be expanded (status).');
  });

  it('keeps a deleted customer as deleted, without its methods', async () => {
    const { id } = await bed.stripe.customers.create();
    const method = await bed.stripe.paymentMethods.attach('pm_card_visa', { customer: id });
    expect(await bed.stripe.customers.del(id)).toEqual(expect.objectContaining({ id, deleted: true }));
    expect(await bed.stripe.customers.retrieve(id)).toMatchObject({ id, deleted: true });
    expect((await bed.stripe.paymentMethods.retrieve(method.id)).customer).toBeNull();
    expect(await failureOf(pay(bed.stripe, 'pm_card_visa', { customer: id }))).toMatchObject({
      code: 'resource_missing',
      param: 'customer',
    });
  });

  it('does not save a card that declines, but one that declines later', async () => {
    const customer = await bed.stripe.customers.create();
    const call = bed.stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: customer.id });
    expect(await failureOf(call)).toMatchObject({ statusCode: 402, code: 'card_declined' });
    const method = await bed.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
    const payment = pay(bed.stripe, method.id, { customer: customer.id, off_session: true });
    expect(await failureOf(payment)).toMatchObject({ decline_code: 'generic_decline' });
  });

  it('sets up a card, refuses one that declines, and cancels what is not done', async () => {
    const customer = await bed.stripe.customers.create();
    const done = await bed.stripe.setupIntents.create({ customer: customer.id, payment_method: 'pm_card_visa', confirm: true });
    expect(done.status).toBe('succeeded');
    const open = await bed.stripe.setupIntents.create({ customer: customer.id });
    const declined = bed.stripe.setupIntents.confirm(open.id, { payment_method: 'pm_card_chargeDeclined' });
    expect(await failureOf(declined)).toMatchObject({ statusCode: 402, setup_intent: { status: 'requires_payment_method' } });
    expect((await bed.stripe.setupIntents.cancel(open.id)).status).toBe('canceled');
    expect(await failureOf(bed.stripe.setupIntents.cancel(done.id))).toMatchObject({ code: 'setup_intent_unexpected_state' });
  });
});
