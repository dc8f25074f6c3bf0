import { describe, expect, it } from '@jest/globals';
import type { RawRequest } from '@tessera/service-kit/service';
import Stripe from 'stripe';
import { verifyWebhook } from '../provider/stripe/webhook.ts';
import { type WebhookRouteParts, webhookRoute } from './webhook-route.ts';

const SECRET = 'whsec_aaaaaaaaaaaaaaaa';
const TOLERANCE_S = 300;

const nowS = () => Math.floor(Date.now() / 1_000);
const signed = (payload: string, timestamp = nowS()) => Stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp });
const anEvent = (id: string) =>
  JSON.stringify({ id, object: 'event', type: 'customer.updated', created: nowS(), data: { object: { id: 'cus_1' } } });

/** Nothing that is refused reaches a store, so there is none. */
async function deliver(body: string, signature: string) {
  const services = {
    adapters: { STRIPE: { verifyWebhook: (raw: Buffer, header: string) => verifyWebhook([SECRET], TOLERANCE_S, raw, header) } },
    log: { warn: () => {} },
  };
  const parts = { services, metrics: { deliveries: { inc: () => {} } } } as unknown as WebhookRouteParts; // all that a refusal needs
  const request = { headers: { 'stripe-signature': signature }, body: async () => Buffer.from(body) } as unknown as RawRequest; // likewise
  return webhookRoute(parts).handler(request);
}

describe('a delivery that is refused', () => {
  const body = anEvent('evt_1');

  it.each([
    ['no signature', body, '', 'The signature is missing.'],
    ['a wrong one', body, signed(anEvent('evt_2')), 'The signature is not of this body.'],
    ['an old one', body, signed(body, nowS() - TOLERANCE_S - 5), 'The signature is too old.'],
    ['one from the future', body, signed(body, nowS() + TOLERANCE_S + 5), 'The signature is dated in the future.'],
    ['a right one of no JSON', '{', signed('{'), 'The signature is right, but the body is no event that can be kept.'],
    [
      'a right one of a NUL',
      anEvent('evt_\0'),
      signed(anEvent('evt_\0')),
      'The signature is right, but the body is no event that can be kept.',
    ],
  ])('MUST be answered with 400 and why: %s', async (_title, content, signature, why) => {
    expect(await deliver(content, signature)).toMatchObject({ status: 400, body: why });
  });
});
