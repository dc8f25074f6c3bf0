import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { checkout, pay, startReceiver, startTestbed, type Testbed, WEBHOOK_SECRET } from '../../test/testbed.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('a webhook', () => {
  let bed: Testbed;
  beforeEach(async () => {
    bed = await startTestbed();
  });
  afterEach(() => bed.close());

  const verified = (secret = WEBHOOK_SECRET) =>
    bed.receiver.received.map(({ body, signature }) => Stripe.webhooks.constructEvent(body, signature, secret));

  it('is signed so that the SDK accepts it, and tells of the request that caused it', async () => {
    const intent = await bed.stripe.paymentIntents.create({ amount: 1000, currency: 'eur' }, { idempotencyKey: 'row-7' });
    await bed.deliver();
    expect(verified()).toMatchObject([
      {
        object: 'event',
        type: 'payment_intent.created',
        api_version: '2026-10-28.endive',
        pending_webhooks: 1,
        request: { id: intent.lastResponse.requestId, idempotency_key: 'row-7' },
        data: { object: { id: intent.id, status: 'requires_payment_method' } },
      },
    ]);
    expect(() => verified('whsec_other')).toThrow(Stripe.errors.StripeSignatureVerificationError);
  });

  it('comes for every step of a checkout, in order of what happened', async () => {
    const session = await checkout(bed.stripe);
    await bed.control.payCheckoutSession(session.id);
    await bed.deliver();
    expect((await bed.control.events()).map(({ type }) => type)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
      'charge.updated',
    ]);
    expect([...bed.receiver.types()].sort()).toEqual((await bed.control.events()).map(({ type }) => type).sort());
    const { data } = await bed.stripe.events.list({ types: ['checkout.session.completed'] });
    expect(data).toMatchObject([{ pending_webhooks: 0, data: { object: { id: session.id, payment_status: 'paid' } } }]);
  });

  it('is signed by both secrets during a rotation, and by the new one after it', async () => {
    const { secret } = await bed.control.rotateWebhookSecret();
    await bed.stripe.customers.create();
    await bed.deliver();
    expect(bed.receiver.received[0]?.signature.match(/v1=/g)).toHaveLength(2);
    expect([verified(secret), verified(WEBHOOK_SECRET)]).toMatchObject([[{ type: 'customer.created' }], [{ type: 'customer.created' }]]);
    await bed.control.advanceClock(24 * HOUR_MS);
    await bed.stripe.customers.create();
    await bed.deliver();
    const { body, signature } = bed.receiver.received[1] ?? { body: '', signature: '' };
    expect(Stripe.webhooks.constructEvent(body, signature, secret).type).toBe('customer.created');
    expect(() => Stripe.webhooks.constructEvent(body, signature, WEBHOOK_SECRET)).toThrow();
  });

  it('is tried again by the schedule of Stripe, for three days, and given up then', async () => {
    bed.receiver.answer = () => 500;
    await bed.stripe.customers.create();
    await bed.deliver();
    const tries: number[] = [bed.receiver.received.length];
    for (const wait of [5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS]) {
      await bed.control.advanceClock(wait - MINUTE_MS);
      tries.push(bed.receiver.received.length);
      await bed.control.advanceClock(MINUTE_MS);
      tries.push(bed.receiver.received.length);
    }
    expect(tries).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5]);
    await bed.control.advanceClock(72 * HOUR_MS);
    const [delivery] = await bed.control.deliveries();
    expect(delivery).toMatchObject({ state: 'FAILED', nextAttemptAt: null });
    expect(delivery?.attempts).toHaveLength(10);
    expect(await bed.control.pendingDeliveries()).toBe(0);
  });

  it('is not sent again once it was taken', async () => {
    let answers = 0;
    bed.receiver.answer = () => (++answers < 3 ? 503 : 204);
    await bed.stripe.customers.create();
    await bed.control.advanceClock(72 * HOUR_MS);
    expect((await bed.control.deliveries())[0]).toMatchObject({
      state: 'DELIVERED',
      attempts: [{ status: 503 }, { status: 503 }, { status: 204 }],
    });
  });

  it('that finds nobody is recorded with its error', async () => {
    await bed.control.setWebhook({ url: 'http://127.0.0.1:1/', secret: 'whsec_x' });
    await bed.stripe.customers.create();
    await bed.deliver();
    expect((await bed.control.deliveries())[0]).toMatchObject({ state: 'PENDING', attempts: [{ status: null, error: 'ECONNREFUSED' }] });
    expect(await bed.control.pendingDeliveries()).toBe(1);
  });

  it('goes to every endpoint that wants its type, each with its own secret', async () => {
    const other = await startReceiver();
    const endpoint = await bed.stripe.webhookEndpoints.create({ url: other.url, enabled_events: ['charge.succeeded'] });
    expect(endpoint.secret).toMatch(/^whsec_\w{32}$/);
    expect((await bed.stripe.webhookEndpoints.retrieve(endpoint.id)).secret).toBeUndefined();
    await pay(bed.stripe);
    await bed.deliver();
    expect(other.types()).toEqual(['charge.succeeded']);
    expect(bed.receiver.types()).toHaveLength(4);
    const { body, signature } = other.received[0] ?? { body: '', signature: '' };
    expect(Stripe.webhooks.constructEvent(body, signature, endpoint.secret ?? '').type).toBe('charge.succeeded');
    await bed.stripe.webhookEndpoints.del(endpoint.id);
    await pay(bed.stripe);
    await bed.deliver();
    expect(other.received).toHaveLength(1);
    await other.close();
  });

  it('is held back and released', async () => {
    await bed.control.hold('ALL');
    await pay(bed.stripe);
    await bed.deliver();
    expect(bed.receiver.received).toEqual([]);
    const [first] = await bed.control.events();
    await bed.control.release(first?.id ?? '');
    await bed.deliver();
    expect(bed.receiver.types()).toEqual(['payment_intent.created']);
    await bed.control.release('ALL');
    await bed.deliver();
    expect(bed.receiver.received).toHaveLength(4);
  });

  it('is sent again, twice at once, and with a wrong signature, on demand', async () => {
    await bed.stripe.customers.create();
    await bed.deliver();
    const id = (await bed.control.events())[0]?.id ?? '';
    expect(await bed.control.resend(id)).toMatchObject([{ kind: 'RESEND', state: 'DELIVERED' }]);
    expect(await bed.control.resendTwice(id)).toHaveLength(2);
    expect(new Set(verified().map((event) => event.id))).toEqual(new Set([id]));
    bed.receiver.answer = ({ body, signature }) => {
      expect(() => Stripe.webhooks.constructEvent(body, signature, WEBHOOK_SECRET)).toThrow('No signatures found matching');
      return 400;
    };
    expect(await bed.control.forge(id)).toMatchObject([{ kind: 'FORGED', state: 'FAILED', attempts: [{ status: 400 }] }]);
    expect(bed.receiver.received).toHaveLength(5);
  });

  it('carries what changed', async () => {
    const { id } = await bed.stripe.customers.create({ name: 'Ada' });
    await bed.stripe.customers.update(id, { name: 'Ada L.' });
    const [event] = (await bed.stripe.events.list({ type: 'customer.updated' })).data;
    expect(event?.data.previous_attributes).toEqual({ name: 'Ada' });
  });
});
