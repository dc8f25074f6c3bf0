import { type Account, unschedule } from '../../account/account.ts';
import { refused } from '../../api/errors.ts';
import { emit } from '../../webhooks/events.ts';
import { cancelPaymentIntent } from '../payment-intents/cancel.ts';
import { expectRecord, patch } from '../records.ts';
import type { CheckoutSession } from '../types.ts';
import { withoutHidden } from './complete.ts';

/** Nobody can pay any more. @throws ApiError 400 when the session is not open, or is being paid right now */
export function expireSession(account: Account, session: CheckoutSession): CheckoutSession {
  if (session.status !== 'open') {
    throw refused(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
    );
  }
  if (isBeingPaid(account, session)) throw refused('This Checkout Session cannot be expired: its payment is being processed.');
  unschedule(account, 'EXPIRE_SESSION', session.id);
  if (session.payment_intent !== null) {
    const intent = expectRecord(account, 'payment_intent', session.payment_intent);
    if (intent.status !== 'canceled') cancelPaymentIntent(account, intent, 'automatic');
  }
  const expired = patch(account, 'checkout_session', session, { status: 'expired', url: null });
  emit(account, 'checkout.session.expired', withoutHidden(expired));
  return expired;
}

export function isBeingPaid({ store }: Account, { payment_intent: id }: CheckoutSession): boolean {
  return id !== null && store.get('payment_intent', id)?.status === 'processing';
}
