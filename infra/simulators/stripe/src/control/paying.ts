import type { Account } from '../account/account.ts';
import { ApiError, refused } from '../api/errors.ts';
import { numberOfToken } from '../cards/test-tokens.ts';
import { payCheckoutSession } from '../objects/checkout/pay.ts';
import { type AttemptOutcome, attemptPayment, resolveAuthentication } from '../objects/payment-intents/attempt.ts';
import { confirmPaymentIntent } from '../objects/payment-intents/confirm.ts';
import { checkUsable, createPaymentMethod, type NewCard, resolvePaymentMethod } from '../objects/payment-methods.ts';
import { expectRecord, patch } from '../objects/records.ts';
import { resolveSetupAuthentication, type SetupOutcome } from '../objects/setup-intents.ts';
import type { IntentError } from '../objects/types.ts';
import type { ConfirmPayment, Payment, PaymentOutcome } from './types.ts';

const DEFAULT_CARD = '4242424242424242';
const EXPIRY = { month: 12, yearsAhead: 8 };

/** The person at the hosted page, up to the moment in which somebody else has to act. */
export function payAsPerson(account: Account, sessionId: string, payment: Payment): PaymentOutcome {
  return withAuthentication(account, payment, () =>
    payCheckoutSession(account, sessionId, { card: cardToType(account, payment), delayMs: payment.delayMs ?? 0 }),
  );
}

/** The customer's browser, which has the client secret. */
export function confirmAsCustomer(account: Account, intentId: string, payment: ConfirmPayment): PaymentOutcome {
  return withAuthentication(account, payment, () => {
    const intent = expectRecord(account, 'payment_intent', intentId);
    if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status)) {
      confirmPaymentIntent(account, intent, {}); // says why not
    }
    const method = methodFor(account, intent.payment_method, payment);
    checkUsable(account, method, intent.customer);
    const ready = patch(account, 'payment_intent', intent, { payment_method: method.id });
    return attemptPayment(account, ready, payment.offSession ?? false, payment.delayMs ?? 0);
  });
}

export function authenticate(account: Account, id: string, ok: boolean): PaymentOutcome {
  return outcomeOf(account, id.startsWith('seti_') ? resolveSetupAuthentication(account, id, ok) : resolveAuthentication(account, id, ok));
}

/** How an intent stands now; for those who waited. */
export function outcomeNow(account: Account, intentId: string): PaymentOutcome {
  const intent = expectRecord(account, 'payment_intent', intentId);
  return outcomeOf(account, { intent, decline: intent.status === 'requires_payment_method' ? intent.last_payment_error : null });
}

/** All digits of what was typed, or those behind a token. */
function cardToType(account: Account, { card = DEFAULT_CARD, name, email }: Payment): NewCard {
  const expYear = new Date(account.clock.nowMs()).getUTCFullYear() + EXPIRY.yearsAhead;
  const number = numberOfToken(card) ?? card.replace(/[\s-]/g, '');
  return { number, expMonth: EXPIRY.month, expYear, hasCvc: true, name: name ?? null, email: email ?? null };
}

function withAuthentication(account: Account, { threeDSecure }: Payment, pay: () => AttemptOutcome | SetupOutcome): PaymentOutcome {
  let outcome: AttemptOutcome | SetupOutcome;
  try {
    outcome = account.store.transaction(pay);
  } catch (error) {
    if (error instanceof ApiError && error.status === 402) return declinedAtOnce(error);
    throw error;
  }
  if (outcome.intent.status !== 'requires_action' || !threeDSecure) return outcomeOf(account, outcome);
  return authenticate(account, outcome.intent.id, threeDSecure === 'COMPLETE');
}

function methodFor(account: Account, saved: string | null, payment: ConfirmPayment) {
  if (payment.paymentMethod !== undefined) return resolvePaymentMethod(account, payment.paymentMethod);
  if (payment.card === undefined && saved !== null) return expectRecord(account, 'payment_method', saved);
  return createPaymentMethod(account, cardToType(account, payment));
}

function outcomeOf(account: Account, { intent, decline }: AttemptOutcome | SetupOutcome): PaymentOutcome {
  const isPayment = intent.object === 'payment_intent';
  return {
    status: statusOf(intent.status, isPayment),
    paymentIntent: isPayment ? intent.id : null,
    setupIntent: isPayment ? null : intent.id,
    charge: isPayment ? intent.latest_charge : null,
    ...reasons(decline),
    threeDSecureUrl: intent.status === 'requires_action' ? `${account.baseUrl}/3d-secure/${intent.id}` : null,
  };
}

function statusOf(status: AttemptOutcome['intent']['status'], isPayment: boolean): PaymentOutcome['status'] {
  switch (status) {
    case 'succeeded':
      return isPayment ? 'SUCCEEDED' : 'SET_UP';
    case 'requires_capture':
      return 'AUTHORIZED';
    case 'requires_action':
      return 'REQUIRES_ACTION';
    case 'processing':
      return 'PROCESSING';
    case 'canceled':
      return 'CANCELED';
    case 'requires_payment_method':
    case 'requires_confirmation':
      return 'DECLINED';
    default:
      throw refused(`There is no status ${status satisfies never}.`);
  }
}

/** A card that was not even tried. */
function declinedAtOnce({ body }: ApiError): PaymentOutcome {
  return {
    status: 'DECLINED',
    paymentIntent: null,
    setupIntent: null,
    charge: null,
    code: body.code ?? null,
    declineCode: body.decline_code ?? null,
    message: body.message,
    threeDSecureUrl: null,
  };
}

function reasons(decline: IntentError | null): Pick<PaymentOutcome, 'code' | 'declineCode' | 'message'> {
  return { code: decline?.code ?? null, declineCode: decline?.decline_code ?? null, message: decline?.message ?? null };
}
