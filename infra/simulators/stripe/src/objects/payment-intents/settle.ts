import { type Account, schedule, unschedule } from '../../account/account.ts';
import { emit } from '../../webhooks/events.ts';
import { captureCharge, createCharge } from '../charges.ts';
import { completeSession } from '../checkout/complete.ts';
import { openDispute } from '../disputes.ts';
import type { Charge, PaymentIntent } from '../money-types.ts';
import { attachPaymentMethod, behaviourOf, cardOf } from '../payment-methods.ts';
import { expectRecord, patch, previousAttributes } from '../records.ts';
import type { PaymentMethod } from '../types.ts';
import { contextOf } from './create.ts';

const DAY_MS = 86_400_000;
/** How long a bank keeps the money for a capture. */
const AUTHORIZATION_MS = 7 * DAY_MS;

/** The bank agreed: paid, or authorized when the capture is manual. */
export function settlePayment(account: Account, intent: PaymentIntent, method: PaymentMethod, isAuthenticated: boolean): PaymentIntent {
  keepMethod(account, intent, method, isAuthenticated);
  const charge = createCharge(account, intent, method, { status: 'succeeded', isAuthenticated });
  const settled = { latest_charge: charge.id, last_payment_error: null, next_action: null };
  if (intent.capture_method === 'manual') {
    emit(account, 'charge.succeeded', charge);
    const authorized = patch(account, 'payment_intent', intent, {
      ...settled,
      status: 'requires_capture',
      amount_capturable: intent.amount,
    });
    emit(account, 'payment_intent.amount_capturable_updated', authorized);
    schedule(account, 'EXPIRE_AUTHORIZATION', intent.id, AUTHORIZATION_MS);
    completeSession(account, contextOf(account, intent.id).checkout_session, 'unpaid');
    return authorized;
  }
  const captured = captureCharge(account, charge, charge.amount);
  const beforeBalance = { ...captured, balance_transaction: null };
  emit(account, 'charge.succeeded', beforeBalance);
  const succeeded = patch(account, 'payment_intent', intent, { ...settled, status: 'succeeded', amount_received: intent.amount });
  emit(account, 'payment_intent.succeeded', succeeded);
  completeSession(account, contextOf(account, intent.id).checkout_session, 'paid');
  // Stripe captures by itself a moment later: the balance transaction comes with an event of its own.
  emit(account, 'charge.updated', captured, previousAttributes(beforeBalance, captured));
  const { dispute } = behaviourOf(account, method);
  if (dispute !== null) openDispute(account, captured, { reason: dispute });
  return succeeded;
}

/** @param amount at most what can be captured; the rest goes back to the customer */
export function capturePayment(account: Account, intent: PaymentIntent, charge: Charge, amount: number): PaymentIntent {
  unschedule(account, 'EXPIRE_AUTHORIZATION', intent.id);
  const captured = captureCharge(account, charge, amount);
  emit(account, 'charge.captured', captured, previousAttributes(charge, captured));
  const succeeded = patch(account, 'payment_intent', intent, { status: 'succeeded', amount_capturable: 0, amount_received: amount });
  emit(account, 'payment_intent.succeeded', succeeded);
  const { dispute } = behaviourOf(account, expectRecord(account, 'payment_method', charge.payment_method));
  if (dispute !== null) openDispute(account, captured, { reason: dispute });
  return succeeded;
}

/** A method without a customer pays once; one for later use is saved to the customer. */
function keepMethod(account: Account, intent: PaymentIntent, method: PaymentMethod, isAuthenticated: boolean): void {
  const { customer } = intent;
  const isForLater = intent.setup_future_usage !== null && customer !== null;
  if (isForLater) attachPaymentMethod(account, method, customer);
  const card = cardOf(account, method);
  patch(account, 'card', card, {
    isSetUp: card.isSetUp || (isAuthenticated && intent.setup_future_usage === 'off_session'),
    isSpent: method.customer === null && !isForLater,
  });
}
