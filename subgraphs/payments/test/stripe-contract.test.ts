import { describe, expect, it } from '@jest/globals';
import type { Capability } from './provider-contract/bench.ts';
import { aPaidAttempt } from './provider-contract/bench.ts';
import { describeProvider } from './provider-contract.ts';
import { openSimulatedStripe, openStripeTestMode } from './stripe-bench.ts';

const EVERYTHING: readonly Capability[] = [
  'PAGES',
  'METHOD_PAGES',
  'IN_PAGE',
  'SAVED_CARDS',
  'REFUNDS',
  'SLOW_REFUNDS',
  'DISPUTES',
  'BOOKS',
  'TROUBLE',
  'WEBHOOKS',
];

/** Nobody types into pages there, its account is shared, and banks take their time. */
const IN_TEST_MODE: readonly Capability[] = ['IN_PAGE', 'SAVED_CARDS', 'REFUNDS'];

describeProvider('Stripe, simulated', EVERYTHING, openSimulatedStripe);

const secretKey = process.env.STRIPE_TEST_SECRET_KEY;
if (secretKey) describeProvider('Stripe in test mode', IN_TEST_MODE, () => openStripeTestMode(secretKey));

describe('while Stripe rotates the secret of a webhook', () => {
  it('an adapter that knows either secret verifies what both have signed', async () => {
    const stripe = await openSimulatedStripe();
    try {
      const { secret } = await stripe.simulator.control.rotateWebhookSecret();
      const { request } = await aPaidAttempt(stripe);
      const { body, signature } = await stripe.post.delivered(request.attemptId);
      expect(signature.match(/v1=/g)).toHaveLength(2);
      const updated = stripe.another({ webhookSecrets: [secret] });
      for (const adapter of [stripe.adapter, updated]) {
        expect(adapter.verifyWebhook(body, signature).subject).toMatchObject({ attemptId: request.attemptId });
      }
    } finally {
      await stripe.close();
    }
  });
});
