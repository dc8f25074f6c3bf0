import Stripe from 'stripe';
import type { ProviderEvent } from '../provider-adapter.ts';
import { WebhookRefused } from '../provider-error.ts';
import { providerEvent } from './event.ts';

/** Tells the SDK not to look at the time. */
const ANY_AGE = 0;
/** The least that the SDK looks at the time with. */
const NEXT_TO_NOTHING_S = 1;

/**
 * The event in a delivery that one of the secrets signed; while one is being replaced, either does.
 * @param toleranceS how old the signature may be, and how far ahead a clock; 0 or less would let any replay in
 * @throws WebhookRefused
 */
export function verifyWebhook(secrets: readonly string[], toleranceS: number, body: Buffer, signature: string): ProviderEvent {
  if (signature.trim() === '') throw new WebhookRefused('NO_SIGNATURE');
  const nowS = Math.floor(Date.now() / 1_000);
  const isSignedWithin = (ageS: number, atS: number) => secrets.some((secret) => isSigned(body, signature, secret, ageS, atS));
  if (!isSignedWithin(ANY_AGE, nowS)) throw new WebhookRefused('BAD_SIGNATURE');
  if (!isSignedWithin(toleranceS, nowS)) throw new WebhookRefused('TOO_OLD');
  // The SDK refuses only what is old. What would be young even just beyond the end of the tolerance is dated after it.
  if (isSignedWithin(NEXT_TO_NOTHING_S, nowS + toleranceS + 1 + NEXT_TO_NOTHING_S)) throw new WebhookRefused('FROM_THE_FUTURE');
  const event = providerEvent(parse(body));
  if (!event) throw new WebhookRefused('MALFORMED');
  return event;
}

/** The SDK's own check: over the raw bytes, in constant time, any of the header's v1 signatures. */
function isSigned(body: Buffer, signature: string, secret: string, toleranceS: number, atS: number): boolean {
  try {
    Stripe.webhooks.constructEvent(body, signature, secret, toleranceS, undefined, atS * 1_000);
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
