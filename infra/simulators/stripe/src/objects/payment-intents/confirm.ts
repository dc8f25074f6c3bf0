import type { Account } from '../../account/account.ts';
import { ApiError, invalidParameter, refused } from '../../api/errors.ts';
import type { Read } from '../../api/parameters.ts';
import type { PaymentIntent } from '../money-types.ts';
import { checkUsable, createPaymentMethod, fullYear, resolvePaymentMethod } from '../payment-methods.ts';
import { expectRecord, patch } from '../records.ts';
import type { PaymentMethod } from '../types.ts';
import { attemptPayment } from './attempt.ts';
import { contextOf } from './create.ts';
import type { confirmParameters } from './parameters.ts';

export type Confirmation = Partial<Read<typeof confirmParameters>>;

/**
 * Tries to pay the intent, as the API does it.
 * @throws ApiError 402 with the intent when it is declined (what happened stays), 400 when it cannot be confirmed now
 */
export function confirmPaymentIntent(account: Account, intent: PaymentIntent, parameters: Confirmation): PaymentIntent {
  checkConfirmable(account, intent, parameters);
  const method = methodFor(account, intent, parameters);
  if (method) checkUsable(account, method, intent.customer);
  const methodId = method?.id ?? intent.payment_method;
  if (methodId === null) {
    throw refused(
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
      { code: 'payment_intent_unexpected_state', payment_intent: intent },
    );
  }
  const isOffSession = parameters.off_session ?? false;
  account.store.put('intent_context', {
    ...contextOf(account, intent.id),
    is_off_session: isOffSession,
    return_url: parameters.return_url ?? contextOf(account, intent.id).return_url,
  });
  const ready = patch(account, 'payment_intent', intent, {
    payment_method: methodId,
    setup_future_usage: parameters.setup_future_usage ?? intent.setup_future_usage,
    capture_method: parameters.capture_method ?? intent.capture_method,
  });
  const { intent: tried, decline } = attemptPayment(account, ready, isOffSession);
  if (decline) throw declined(account, tried);
  if (parameters.error_on_requires_action && tried.status === 'requires_action') {
    throw new ApiError(402, {
      type: 'card_error',
      code: 'authentication_required',
      message: 'This payment required an authentication action to complete, but `error_on_requires_action` was set.',
      payment_intent: tried,
    });
  }
  return tried;
}

/** The 402 that answers a declined attempt. */
function declined(account: Account, intent: PaymentIntent): ApiError {
  const error = intent.last_payment_error;
  if (!error) throw new Error(`${intent.id} was not declined.`);
  const { charge, code, decline_code: declineCode, message, payment_method: method } = error;
  return new ApiError(402, {
    type: 'card_error',
    ...(charge && { charge }),
    code,
    ...(declineCode && { decline_code: declineCode }),
    message,
    payment_intent: account.store.get('payment_intent', intent.id) ?? intent,
    ...(method && { payment_method: method }),
  });
}

/** The method that a confirmation or an update names: by id, by test token, or by number. */
export function methodFor(
  account: Account,
  intent: Pick<PaymentIntent, 'customer'>,
  { payment_method: id, payment_method_data: data }: Pick<Confirmation, 'payment_method' | 'payment_method_data'>,
): PaymentMethod | undefined {
  if (id) return resolvePaymentMethod(account, id);
  if (!data) return undefined;
  const { number, exp_month: month, exp_year: year, cvc } = data.card ?? {};
  if (number === undefined || month === undefined || year === undefined) {
    throw invalidParameter('Missing required param: payment_method_data[card].', 'payment_method_data[card]', 'parameter_missing');
  }
  const owner = intent.customer === null ? undefined : expectRecord(account, 'customer', intent.customer);
  return createPaymentMethod(account, {
    number: number.replace(/\D/g, ''),
    expMonth: month,
    expYear: fullYear(year),
    hasCvc: cvc !== undefined,
    name: data.billing_details?.name ?? owner?.name ?? null,
    email: data.billing_details?.email ?? owner?.email ?? null,
  });
}

function checkConfirmable(
  account: Account,
  intent: PaymentIntent,
  { off_session: isOffSession, return_url: returnUrl }: Confirmation,
): void {
  const state = { code: 'payment_intent_unexpected_state', payment_intent: intent };
  switch (intent.status) {
    case 'succeeded':
      throw refused('You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.', state);
    case 'canceled':
      throw refused(
        'You cannot confirm this PaymentIntent because it has a status of canceled. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action, requires_payment_method.',
        state,
      );
    case 'processing':
    case 'requires_capture':
      throw refused(`You cannot confirm this PaymentIntent because it has already been confirmed: its status is ${intent.status}.`, state);
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
      break;
    default:
      intent.status satisfies never;
  }
  const mayRedirect = intent.automatic_payment_methods?.enabled === true && intent.automatic_payment_methods.allow_redirects !== 'never';
  if (mayRedirect && !isOffSession && !returnUrl && !contextOf(account, intent.id).return_url) {
    throw refused(
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
    );
  }
}
