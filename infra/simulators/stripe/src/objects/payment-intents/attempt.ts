import { type Account, schedule } from '../../account/account.ts';
import { refused } from '../../api/errors.ts';
import { DECLINES, type TestCard } from '../../cards/test-cards.ts';
import { emit } from '../../webhooks/events.ts';
import type { PaymentIntent } from '../money-types.ts';
import { behaviourOf, cardOf } from '../payment-methods.ts';
import { expectRecord, patch } from '../records.ts';
import type { IntentError, PaymentMethod } from '../types.ts';
import { contextOf } from './create.ts';
import { declinePayment, failAuthentication } from './decline.ts';
import { settlePayment } from './settle.ts';

export interface AttemptOutcome {
  readonly intent: PaymentIntent;
  /** Why it was declined; null when it was not. */
  readonly decline: IntentError | null;
}

/** One try to pay with the method of the intent: paid, authorized, declined, or waiting for 3-D Secure. */
export function attemptPayment(account: Account, intent: PaymentIntent, isOffSession: boolean, delayMs = 0): AttemptOutcome {
  const method = methodOf(account, intent);
  const behaviour = behaviourOf(account, method);
  if (needsAuthentication(behaviour, cardOf(account, method).isSetUp, isOffSession)) {
    return isOffSession
      ? declinePayment(account, intent, method, DECLINES.authenticationRequired)
      : { intent: askForAuthentication(account, intent), decline: null };
  }
  if (delayMs > 0) return { intent: processLater(account, intent, delayMs), decline: null };
  return finishPayment(account, intent, false);
}

/** What the bank says, after any authentication. */
export function finishPayment(account: Account, intent: PaymentIntent, isAuthenticated: boolean): AttemptOutcome {
  const method = methodOf(account, intent);
  const { decline } = behaviourOf(account, method);
  if (decline) return declinePayment(account, intent, method, decline);
  return { intent: settlePayment(account, intent, method, isAuthenticated), decline: null };
}

/** The customer came back from the 3-D Secure page. @throws ApiError 400 payment_intent_unexpected_state when none is open */
export function resolveAuthentication(account: Account, intentId: string, isAuthenticated: boolean): AttemptOutcome {
  const intent = expectRecord(account, 'payment_intent', intentId);
  if (intent.status !== 'requires_action') {
    throw refused(`This PaymentIntent waits for no authentication: its status is ${intent.status}.`, {
      code: 'payment_intent_unexpected_state',
    });
  }
  if (!isAuthenticated) return failAuthentication(account, intent, methodOf(account, intent));
  return finishPayment(account, patch(account, 'payment_intent', intent, { next_action: null }), true);
}

function needsAuthentication({ authentication }: TestCard, isSetUp: boolean, isOffSession: boolean): boolean {
  switch (authentication) {
    case 'NEVER':
      return false;
    case 'ALWAYS':
      return true;
    case 'UNLESS_SET_UP':
      return !isSetUp;
    case 'ON_SESSION':
      return !isOffSession;
    default:
      return authentication satisfies never;
  }
}

function askForAuthentication(account: Account, intent: PaymentIntent): PaymentIntent {
  const url = `${account.baseUrl}/3d-secure/${intent.id}`;
  const waiting = patch(account, 'payment_intent', intent, {
    status: 'requires_action',
    last_payment_error: null,
    next_action: { type: 'redirect_to_url', redirect_to_url: { url, return_url: contextOf(account, intent.id).return_url } },
  });
  emit(account, 'payment_intent.requires_action', waiting);
  return waiting;
}

function processLater(account: Account, intent: PaymentIntent, delayMs: number): PaymentIntent {
  const processing = patch(account, 'payment_intent', intent, { status: 'processing', last_payment_error: null });
  emit(account, 'payment_intent.processing', processing);
  schedule(account, 'FINISH_PAYMENT', intent.id, delayMs);
  return processing;
}

function methodOf(account: Account, { id, payment_method: method }: PaymentIntent): PaymentMethod {
  if (method === null) throw new Error(`${id} is being paid without a payment method.`);
  return expectRecord(account, 'payment_method', method);
}
