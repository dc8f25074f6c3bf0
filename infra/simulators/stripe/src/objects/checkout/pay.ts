import type { Account } from '../../account/account.ts';
import { refused } from '../../api/errors.ts';
import { createCustomer } from '../customers.ts';
import type { PaymentIntent } from '../money-types.ts';
import { type AttemptOutcome, attemptPayment } from '../payment-intents/attempt.ts';
import { createPaymentIntent } from '../payment-intents/create.ts';
import { createPaymentMethod, type NewCard } from '../payment-methods.ts';
import { expectRecord, patch } from '../records.ts';
import { attemptSetup, type SetupOutcome } from '../setup-intents.ts';
import type { CheckoutSession, CustomerDetails, PaymentMethod } from '../types.ts';
import { isBeingPaid } from './expire.ts';

export interface PayingPerson {
  readonly card: NewCard;
  /** How long the bank takes; 0: none. */
  readonly delayMs: number;
}

/**
 * What happens when a person presses "Pay" at the hosted page.
 * @throws ApiError 400 when the session is not open or is being paid; 402 for a card that cannot even be looked at
 */
export function payCheckoutSession(account: Account, sessionId: string, { card, delayMs }: PayingPerson): AttemptOutcome | SetupOutcome {
  const session = expectRecord(account, 'checkout_session', sessionId);
  if (session.status !== 'open') throw refused(`This Checkout Session cannot be paid: its status is ${session.status}.`);
  if (isBeingPaid(account, session)) throw refused('This Checkout Session is being paid already.');
  const method = createPaymentMethod(account, card);
  const known = withCustomer(account, session, card);
  if (known.setup_intent !== null) return attemptSetup(account, setupIntentOf(account, known), method);
  return attemptPayment(account, paymentIntentOf(account, known, method), false, delayMs);
}

/** The customer's details, and the customer itself where the shop wants one. */
function withCustomer(account: Account, session: CheckoutSession, { name, email, country }: NewCard): CheckoutSession {
  const existing = session.customer === null ? undefined : account.store.get('customer', session.customer);
  const details: CustomerDetails = {
    address: { city: null, country: country ?? null, line1: null, line2: null, postal_code: null, state: null },
    business_name: null,
    email: session.customer_email ?? existing?.email ?? email ?? null,
    individual_name: null,
    name: name ?? existing?.name ?? null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  };
  const wantsCustomer = session.customer_creation === 'always' || session.payment_intent_data.setup_future_usage !== null;
  const isNew = session.mode === 'payment' && session.customer === null && wantsCustomer;
  const customer = isNew
    ? createCustomer(account, { email: details.email ?? undefined, name: details.name ?? undefined }).id
    : session.customer;
  return patch(account, 'checkout_session', session, { customer, customer_details: details });
}

/** Made at the first try; a further try uses it again. */
function paymentIntentOf(account: Account, session: CheckoutSession, method: PaymentMethod): PaymentIntent {
  if (session.payment_intent !== null) {
    const intent = expectRecord(account, 'payment_intent', session.payment_intent);
    return patch(account, 'payment_intent', intent, { payment_method: method.id, next_action: null, customer: session.customer });
  }
  const intent = createPaymentIntent(
    account,
    {
      ...session.payment_intent_data,
      amount: session.amount_total ?? 0,
      automatic_payment_methods: null,
      currency: session.currency ?? 'usd',
      customer: session.customer,
      payment_method: null,
      payment_method_types: session.payment_method_types,
      shipping: null,
      transfer_group: null,
    },
    { return_url: session.url, checkout_session: session.id, is_off_session: false },
  );
  patch(account, 'checkout_session', session, { payment_intent: intent.id });
  return patch(account, 'payment_intent', intent, { payment_method: method.id });
}

function setupIntentOf(account: Account, { setup_intent: id, customer }: CheckoutSession) {
  const intent = expectRecord(account, 'setup_intent', id ?? '');
  return patch(account, 'setup_intent', intent, { customer });
}
