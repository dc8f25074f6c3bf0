import { createHmac } from 'node:crypto';
import type { EndpointSecret } from './types.ts';

/** The `Stripe-Signature` of a body: one `v1` for each secret that is valid now. https://docs.stripe.com/webhooks#verify-manually */
export function signatureHeader(body: string, secrets: readonly string[], seconds: number): string {
  const signatures = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`);
  return [`t=${seconds}`, ...signatures].join(',');
}

/** The new one first; the one before until the overlap of a rotation ends. */
export function validSecrets({ secret, previous }: EndpointSecret, nowMs: number): readonly string[] {
  return previous && nowMs < previous.until_ms ? [secret, previous.secret] : [secret];
}
