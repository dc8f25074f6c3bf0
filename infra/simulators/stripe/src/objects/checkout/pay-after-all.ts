import type { Account } from '../../account/account.ts';
import { expectRecord, patch } from '../records.ts';

/** Makes a session that is over payable once more: what a provider says cannot be, and a shop has to bear all the same. */
export function reopenSession(account: Account, sessionId: string): void {
  const session = expectRecord(account, 'checkout_session', sessionId);
  if (session.status !== 'expired') return;
  patch(account, 'checkout_session', session, { status: 'open' });
  if (session.payment_intent === null) return;
  const intent = expectRecord(account, 'payment_intent', session.payment_intent);
  if (intent.status === 'canceled')
    patch(account, 'payment_intent', intent, { status: 'requires_payment_method', canceled_at: null, cancellation_reason: null });
}
