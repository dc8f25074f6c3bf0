import Stripe from 'stripe';
import type { ProviderEvent } from '../provider-adapter.ts';
import { WebhookRefused } from '../provider-error.ts';
import { providerEvent } from './event.ts';

/** Tells the SDK not to look at the time. */
const ANY_AGE = 0;

/**
 * The event in a delivery that one of the secrets signed; while one is being replaced, either does.
 * @param toleranceS how old the signature may be; 0 or less would let any replay in
 * @throws WebhookRefused
 */
export function verifyWebhook(secrets: readonly string[], toleranceS: number, body: Buffer, signature: string): ProviderEvent {
  if (signature.trim() === '') throw new WebhookRefused('NO_SIGNATURE');
  const isSignedWithin = (ageS: number) => secrets.some((secret) => isSigned(body, signature, secret, ageS));
  if (!isSignedWithin(toleranceS)) throw new WebhookRefused(isSignedWithin(ANY_AGE) ? 'TOO_OLD' : 'BAD_SIGNATURE');
  const event = providerEvent(parse(body));
  if (!event) throw new WebhookRefused('MALFORMED');
  return event;
}

/** The SDK's own check: over the raw bytes, in constant time, any of the header's v1 signatures. */
function isSigned(body: Buffer, signature: string, secret: string, toleranceS: number): boolean {
  try {
    Stripe.webhooks.constructEvent(body, signature, secret, toleranceS);
    return true;
  } catch (error) {
    // Whatever else it complains of comes after the signature.
    return !(error instanceof Stripe.errors.StripeSignatureVerificationError);
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
