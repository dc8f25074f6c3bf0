import type Stripe from 'stripe';
import type { OpenAttempt } from '../provider-adapter.ts';

export type MethodTypes = Stripe.Checkout.SessionCreateParams.AllowedPaymentMethodType[];

/** Our ids on Stripe's objects: how events and look-ups find their way back. */
export function metadataOf({ attemptId, paymentId, orderId }: OpenAttempt): Record<string, string> {
  return { attempt_id: attemptId, payment_id: paymentId, ...(orderId !== null && { order_id: orderId }) };
}

/** Whether this answer was kept from an earlier request with the same key: then it tells how things were, not how they are. */
export function isReplayed(answer: Stripe.Response<unknown>): boolean {
  return answer.lastResponse.headers['idempotent-replayed'] === 'true';
}
