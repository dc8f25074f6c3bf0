import { type Account, unschedule } from '../../account/account.ts';
import { emit } from '../../webhooks/events.ts';
import { expectRecord, patch } from '../records.ts';
import type { CheckoutSession } from '../types.ts';

/** What was asked for is done: the session ends. A session that is not there or not open stays as it is. */
export function completeSession(account: Account, sessionId: string | null, paymentStatus: CheckoutSession['payment_status']): void {
  if (sessionId === null) return;
  const session = expectRecord(account, 'checkout_session', sessionId);
  if (session.status !== 'open') return;
  unschedule(account, 'EXPIRE_SESSION', session.id);
  const complete = patch(account, 'checkout_session', session, { status: 'complete', payment_status: paymentStatus, url: null });
  emit(account, 'checkout.session.completed', withoutHidden(complete));
}

/** The session as Stripe shows it: line items only where they are asked for. */
export function withoutHidden(session: CheckoutSession): Omit<CheckoutSession, 'line_items' | 'payment_intent_data'> {
  const { line_items: _, payment_intent_data: __, ...shown } = session;
  return shown;
}
