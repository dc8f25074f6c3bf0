import type { Account } from '../../account/account.ts';
import { invalidParameter, refused } from '../../api/errors.ts';
import { listPage, listParameters } from '../../api/lists.ts';
import { changed, mergeMetadata, type Read, text } from '../../api/parameters.ts';
import { endpoint } from '../../api/routes.ts';
import { checkAmount, checkCurrency } from '../../money/currencies.ts';
import { expectCustomer } from '../customers.ts';
import type { PaymentIntent } from '../money-types.ts';
import { checkUsable } from '../payment-methods.ts';
import { expectRecord, patch } from '../records.ts';
import { cancelPaymentIntent } from './cancel.ts';
import { confirmPaymentIntent, methodFor } from './confirm.ts';
import { contextOf, createPaymentIntent } from './create.ts';
import { cancelParameters, captureParameters, confirmParameters, createParameters, updateParameters } from './parameters.ts';
import { capturePayment } from './settle.ts';

const PATH = '/v1/payment_intents';

export const paymentIntentEndpoints = [
  endpoint('POST', PATH, createParameters, (account, parameters) => create(account, parameters)),
  endpoint('GET', PATH, { ...listParameters, customer: text() }, (account, parameters) =>
    listPage(account, 'payment_intent', PATH, parameters, ({ customer }) => [undefined, customer].includes(parameters.customer)),
  ),
  endpoint('GET', `${PATH}/:id`, { client_secret: text() }, (account, _, id) => expectRecord(account, 'payment_intent', id)),
  endpoint('POST', `${PATH}/:id`, updateParameters, (account, parameters, id) =>
    update(account, expectRecord(account, 'payment_intent', id), parameters),
  ),
  endpoint('POST', `${PATH}/:id/confirm`, confirmParameters, (account, parameters, id) => {
    const intent = expectRecord(account, 'payment_intent', id);
    refuseWhileInCheckout(account, intent, 'confirm');
    return confirmPaymentIntent(account, intent, parameters);
  }),
  endpoint('POST', `${PATH}/:id/capture`, captureParameters, (account, parameters, id) =>
    capture(account, expectRecord(account, 'payment_intent', id), parameters),
  ),
  endpoint('POST', `${PATH}/:id/cancel`, cancelParameters, (account, { cancellation_reason: reason = null }, id) => {
    const intent = expectRecord(account, 'payment_intent', id);
    if (intent.status !== 'requires_capture') refuseWhileInCheckout(account, intent, 'cancel');
    return cancelPaymentIntent(account, intent, reason);
  }),
];

function create(account: Account, parameters: Read<typeof createParameters>): PaymentIntent {
  const currency = checkCurrency(parameters.currency);
  const amount = checkAmount(parameters.amount, currency);
  if (!parameters.confirm && parameters.off_session !== undefined) {
    throw invalidParameter('You can only set `off_session` when `confirm` is `true`.', 'off_session');
  }
  if (parameters.payment_method_types && parameters.automatic_payment_methods?.enabled) {
    throw invalidParameter('You may only specify one of these parameters: automatic_payment_methods, payment_method_types.');
  }
  const customer = parameters.customer ? expectCustomer(account, parameters.customer).id : null;
  const method = methodFor(account, { customer }, parameters);
  if (method) checkUsable(account, method, customer);
  const { enabled = parameters.payment_method_types === undefined, allow_redirects: redirects = 'always' } =
    parameters.automatic_payment_methods ?? {};
  const intent = createPaymentIntent(
    account,
    {
      amount,
      automatic_payment_methods: enabled ? { allow_redirects: redirects, enabled } : null,
      capture_method: parameters.capture_method ?? 'automatic_async',
      currency,
      customer,
      description: parameters.description || null,
      metadata: mergeMetadata({}, parameters.metadata),
      payment_method: method?.id ?? null,
      payment_method_types: parameters.payment_method_types ?? ['card'],
      receipt_email: parameters.receipt_email || null,
      setup_future_usage: parameters.setup_future_usage ?? null,
      shipping: parameters.shipping ?? null,
      statement_descriptor: parameters.statement_descriptor || null,
      statement_descriptor_suffix: parameters.statement_descriptor_suffix || null,
      transfer_group: parameters.transfer_group || null,
    },
    { return_url: parameters.return_url ?? null, checkout_session: null, is_off_session: parameters.off_session ?? false },
  );
  if (!parameters.confirm) return intent;
  const { payment_method: _, payment_method_data: __, ...confirmation } = parameters;
  return confirmPaymentIntent(account, intent, confirmation);
}

function update(account: Account, intent: PaymentIntent, parameters: Read<typeof updateParameters>): PaymentIntent {
  const changesPayment = [parameters.amount, parameters.currency, parameters.payment_method, parameters.customer].some(
    (one) => one !== undefined,
  );
  if (changesPayment && !['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status)) {
    throw refused(
      `This PaymentIntent's amount, currency, customer or payment method could not be updated because it has a status of ${intent.status}.`,
      {
        code: 'payment_intent_unexpected_state',
        payment_intent: intent,
      },
    );
  }
  const currency = parameters.currency === undefined ? intent.currency : checkCurrency(parameters.currency);
  const amount = checkAmount(parameters.amount ?? intent.amount, currency);
  const customer = parameters.customer ? expectCustomer(account, parameters.customer).id : intent.customer;
  const method = methodFor(account, { customer }, parameters);
  if (method) checkUsable(account, method, customer);
  return patch(account, 'payment_intent', intent, {
    amount,
    currency,
    customer,
    capture_method: parameters.capture_method ?? intent.capture_method,
    description: changed(parameters.description, intent.description),
    metadata: mergeMetadata(intent.metadata, parameters.metadata),
    receipt_email: changed(parameters.receipt_email, intent.receipt_email),
    setup_future_usage: parameters.setup_future_usage ?? intent.setup_future_usage,
    ...(parameters.shipping !== undefined && { shipping: parameters.shipping }),
    statement_descriptor: changed(parameters.statement_descriptor, intent.statement_descriptor),
    statement_descriptor_suffix: changed(parameters.statement_descriptor_suffix, intent.statement_descriptor_suffix),
    transfer_group: changed(parameters.transfer_group, intent.transfer_group),
    ...(method && { payment_method: method.id, status: 'requires_confirmation', next_action: null }),
  });
}

function capture(account: Account, intent: PaymentIntent, parameters: Read<typeof captureParameters>): PaymentIntent {
  if (intent.status !== 'requires_capture' || intent.latest_charge === null) {
    const why =
      intent.status === 'succeeded'
        ? 'This PaymentIntent could not be captured because it has already been captured.'
        : `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`;
    throw refused(why, { code: 'payment_intent_unexpected_state', payment_intent: intent });
  }
  const amount = parameters.amount_to_capture ?? intent.amount_capturable;
  if (amount < 1)
    throw invalidParameter('This value must be greater than or equal to 1.', 'amount_to_capture', 'parameter_invalid_integer');
  if (amount > intent.amount_capturable) {
    throw refused(`The amount to capture (${amount}) is greater than the amount that can be captured (${intent.amount_capturable}).`, {
      code: 'amount_too_large',
      param: 'amount_to_capture',
    });
  }
  const described = patch(account, 'payment_intent', intent, { metadata: mergeMetadata(intent.metadata, parameters.metadata) });
  return capturePayment(account, described, expectRecord(account, 'charge', intent.latest_charge), amount);
}

/** What belongs to a Checkout Session ends with the session. */
function refuseWhileInCheckout(account: Account, intent: PaymentIntent, verb: 'confirm' | 'cancel'): void {
  const sessionId = contextOf(account, intent.id).checkout_session;
  if (sessionId === null || account.store.get('checkout_session', sessionId)?.status !== 'open') return;
  throw refused(
    `You cannot ${verb} this PaymentIntent because it belongs to the Checkout Session ${sessionId}. Expire the session instead.`,
    {
      code: 'payment_intent_unexpected_state',
      payment_intent: intent,
    },
  );
}
