import type { Account } from '../account/account.ts';
import { ApiError } from '../api/errors.ts';
import type { Form } from '../api/request.ts';
import { payCheckoutSession } from '../objects/checkout/pay.ts';
import { fullYear, type NewCard } from '../objects/payment-methods.ts';
import { expectRecord } from '../objects/records.ts';
import { checkoutPage } from './checkout-page.ts';
import type { PageAnswer } from './layout.ts';

const SLOW_MS = 5000;

/** The cards behind the simulator's own buttons; PAY takes the card that was typed. */
const CARD_OF_ACTION: Readonly<Record<string, string>> = {
  SUCCEED: '4242424242424242',
  DECLINE: '4000000000000002',
  INSUFFICIENT_FUNDS: '4000000000009995',
  THREE_D_SECURE: '4000002760003184',
  SLOW: '4242424242424242',
};

/** What a button of the hosted page does: pays, or leaves. */
export function submitCheckout(account: Account, sessionId: string, form: Form): PageAnswer {
  const session = expectRecord(account, 'checkout_session', sessionId);
  const action = typeof form.action === 'string' ? form.action : 'PAY';
  if (action === 'LEAVE') return { goTo: session.cancel_url ?? `/c/pay/${session.id}` };
  // Somebody else was faster: the page says how it stands.
  if (session.status !== 'open') return { redirect: `/c/pay/${session.id}` };
  try {
    const card = typedCard(form, CARD_OF_ACTION[action]);
    const paid = account.store.transaction(() =>
      payCheckoutSession(account, session.id, { card, delayMs: action === 'SLOW' ? SLOW_MS : 0 }),
    );
    if (paid.intent.status === 'requires_action') return { redirect: `/3d-secure/${paid.intent.id}` };
    return { redirect: `/c/pay/${session.id}?returning=1` };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { html: checkoutPage(account, session, { problem: error.message, typed: form, isReturning: false }) };
  }
}

function typedCard(form: Form, number: string | undefined): NewCard {
  const field = (name: string): string => (typeof form[name] === 'string' ? form[name].trim() : '');
  const [, month = '0', year = '0'] = /^(\d{1,2})\s*\/?\s*(\d{2}|\d{4})$/.exec(field('expiry')) ?? [];
  return {
    number: number ?? field('number').replace(/[\s-]/g, ''),
    expMonth: Number(month),
    expYear: fullYear(Number(year)),
    hasCvc: field('cvc') !== '',
    name: field('name') || null,
    email: field('email') || null,
  };
}
