import type { Account } from '../../account/account.ts';
import { documentationOf } from '../../api/errors.ts';
import { DECLINES, type Decline } from '../../cards/test-cards.ts';
import { emit } from '../../webhooks/events.ts';
import { createCharge } from '../charges.ts';
import type { Charge, PaymentIntent } from '../money-types.ts';
import { patch } from '../records.ts';
import type { IntentError, PaymentMethod } from '../types.ts';

interface Declined {
  readonly intent: PaymentIntent;
  readonly decline: IntentError;
}

/** The bank refused: a failed charge stays, and the intent waits for another payment method. */
export function declinePayment(account: Account, intent: PaymentIntent, method: PaymentMethod, decline: Decline): Declined {
  const charge = createCharge(account, intent, method, { status: 'failed', decline, isAuthenticated: false });
  emit(account, 'charge.failed', charge);
  return waitForAnotherMethod(account, intent, intentError(decline, method, 'card_error', charge));
}

/** The customer did not pass 3-D Secure: the bank was never asked, so there is no charge. */
export function failAuthentication(account: Account, intent: PaymentIntent, method: PaymentMethod): Declined {
  return waitForAnotherMethod(account, intent, intentError(DECLINES.authenticationFailed, method, 'invalid_request_error'));
}

export function intentError(
  { code, declineCode, message }: Decline,
  method: PaymentMethod,
  type: IntentError['type'],
  charge?: Charge,
): IntentError {
  return {
    ...(charge && { charge: charge.id }),
    code,
    ...(declineCode && { decline_code: declineCode }),
    doc_url: documentationOf(code),
    message,
    payment_method: method,
    type,
  };
}

function waitForAnotherMethod(account: Account, intent: PaymentIntent, error: IntentError): Declined {
  const failed = patch(account, 'payment_intent', intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_payment_error: error,
    ...(error.charge && { latest_charge: error.charge }),
  });
  emit(account, 'payment_intent.payment_failed', failed);
  return { intent: failed, decline: error };
}
