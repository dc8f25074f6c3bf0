import { type Account, nowSeconds } from '../account/account.ts';
import type { IntentContext } from '../account/tables.ts';
import { ApiError, refused } from '../api/errors.ts';
import { listPage, listParameters } from '../api/lists.ts';
import { changed, choice, flag, ignored, list, mergeMetadata, metadata, nested, type Read, text } from '../api/parameters.ts';
import { endpoint } from '../api/routes.ts';
import { DECLINES, type Decline } from '../cards/test-cards.ts';
import { emit } from '../webhooks/events.ts';
import { completeSession } from './checkout/complete.ts';
import { expectCustomer } from './customers.ts';
import { methodFor } from './payment-intents/confirm.ts';
import { contextOf } from './payment-intents/create.ts';
import { intentError } from './payment-intents/decline.ts';
import { attachPaymentMethod, behaviourOf, cardOf, cardParameters, checkUsable } from './payment-methods.ts';
import { expectRecord, patch } from './records.ts';
import type { IntentError, Metadata, PaymentMethod, SetupIntent } from './types.ts';

const PATH = '/v1/setup_intents';

const ALWAYS = {
  allowed_payment_method_types: null,
  application: null,
  automatic_payment_methods: null,
  excluded_payment_method_types: null,
  flow_directions: null,
  latest_attempt: null,
  livemode: false,
  mandate: null,
  on_behalf_of: null,
  payment_method_configuration_details: null,
  payment_method_options: { card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' } },
  single_use_mandate: null,
} as const;

interface NewSetupIntent {
  readonly customer: string | null;
  readonly description: string | null;
  readonly metadata: Metadata;
  readonly paymentMethod: string | null;
  readonly usage: string;
}

export interface SetupOutcome {
  readonly intent: SetupIntent;
  readonly decline: IntentError | null;
}

export function createSetupIntent(account: Account, given: NewSetupIntent, context: Omit<IntentContext, 'id'>): SetupIntent {
  const id = account.ids.next('seti');
  const intent = account.store.put('setup_intent', {
    ...ALWAYS,
    id,
    object: 'setup_intent',
    cancellation_reason: null,
    client_secret: `${id}_${account.ids.next('secret')}`,
    created: nowSeconds(account),
    customer: given.customer,
    description: given.description,
    last_setup_error: null,
    metadata: given.metadata,
    next_action: null,
    payment_method: given.paymentMethod,
    payment_method_types: ['card'],
    status: given.paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation',
    usage: given.usage,
  });
  account.store.put('intent_context', { id, ...context });
  emit(account, 'setup_intent.created', intent);
  return intent;
}

/** Every card that may ask for authentication asks for it now, so that later payments need none. */
export function attemptSetup(account: Account, intent: SetupIntent, method: PaymentMethod): SetupOutcome {
  const ready = patch(account, 'setup_intent', intent, { payment_method: method.id, last_setup_error: null });
  if (behaviourOf(account, method).authentication !== 'NEVER') {
    const url = `${account.baseUrl}/3d-secure/${intent.id}`;
    const waiting = patch(account, 'setup_intent', ready, {
      status: 'requires_action',
      next_action: { type: 'redirect_to_url', redirect_to_url: { url, return_url: contextOf(account, intent.id).return_url } },
    });
    emit(account, 'setup_intent.requires_action', waiting);
    return { intent: waiting, decline: null };
  }
  return finishSetup(account, ready, method);
}

/** @throws ApiError 400 setup_intent_unexpected_state */
export function resolveSetupAuthentication(account: Account, id: string, isAuthenticated: boolean): SetupOutcome {
  const intent = expectRecord(account, 'setup_intent', id);
  if (intent.status !== 'requires_action' || intent.payment_method === null) throw unexpected(intent, 'authenticate');
  const method = expectRecord(account, 'payment_method', intent.payment_method);
  if (isAuthenticated) return finishSetup(account, patch(account, 'setup_intent', intent, { next_action: null }), method);
  return failSetup(account, intent, method, { ...DECLINES.authenticationFailed, code: 'setup_intent_authentication_failure' });
}

function finishSetup(account: Account, intent: SetupIntent, method: PaymentMethod): SetupOutcome {
  const { decline, canBeSaved } = behaviourOf(account, method);
  if (decline && !canBeSaved) return failSetup(account, intent, method, decline);
  if (intent.customer !== null) attachPaymentMethod(account, method, intent.customer);
  patch(account, 'card', cardOf(account, method), { isSetUp: true });
  const succeeded = patch(account, 'setup_intent', intent, { status: 'succeeded', next_action: null });
  emit(account, 'setup_intent.succeeded', succeeded);
  completeSession(account, contextOf(account, intent.id).checkout_session, 'no_payment_required');
  return { intent: succeeded, decline: null };
}

function failSetup(account: Account, intent: SetupIntent, method: PaymentMethod, decline: Decline): SetupOutcome {
  const error = intentError(decline, method, 'card_error');
  const changes = { status: 'requires_payment_method', payment_method: null, next_action: null, last_setup_error: error } as const;
  const failed = patch(account, 'setup_intent', intent, changes);
  emit(account, 'setup_intent.setup_failed', failed);
  return { intent: failed, decline: error };
}

const described = { description: text(), metadata: metadata(), customer: text(), payment_method: text() };
const confirming = {
  payment_method_data: nested({
    type: text(),
    card: cardParameters,
    billing_details: nested({ name: text(), email: text(), phone: ignored(), address: ignored(), tax_id: ignored() }),
    metadata: metadata(),
    allow_redisplay: ignored(),
  }),
  return_url: text(),
  mandate_data: ignored(),
  payment_method_options: ignored(),
  use_stripe_sdk: ignored(),
};
const createParameters = {
  ...described,
  ...confirming,
  automatic_payment_methods: ignored(),
  confirm: flag(),
  flow_directions: ignored(),
  payment_method_types: list(text()),
  single_use: ignored(),
  usage: choice(['off_session', 'on_session']),
};

export const setupIntentEndpoints = [
  endpoint('POST', PATH, createParameters, (account, parameters) => {
    const customer = parameters.customer ? expectCustomer(account, parameters.customer).id : null;
    const method = methodFor(account, { customer }, parameters);
    const intent = createSetupIntent(
      account,
      {
        customer,
        description: parameters.description || null,
        metadata: mergeMetadata({}, parameters.metadata),
        paymentMethod: method?.id ?? null,
        usage: parameters.usage ?? 'off_session',
      },
      { return_url: parameters.return_url ?? null, checkout_session: null, is_off_session: false },
    );
    return parameters.confirm ? confirmSetup(account, intent, { return_url: parameters.return_url }) : intent;
  }),
  endpoint('GET', PATH, { ...listParameters, customer: text(), payment_method: text() }, (account, parameters) =>
    listPage(
      account,
      'setup_intent',
      PATH,
      parameters,
      ({ customer, payment_method: method }) =>
        [undefined, customer].includes(parameters.customer) && [undefined, method].includes(parameters.payment_method),
    ),
  ),
  endpoint('GET', `${PATH}/:id`, { client_secret: text() }, (account, _, id) => expectRecord(account, 'setup_intent', id)),
  endpoint('POST', `${PATH}/:id`, described, (account, parameters, id) => {
    const intent = expectRecord(account, 'setup_intent', id);
    const method = methodFor(account, intent, { payment_method: parameters.payment_method, payment_method_data: undefined });
    return patch(account, 'setup_intent', intent, {
      customer: parameters.customer ? expectCustomer(account, parameters.customer).id : intent.customer,
      description: changed(parameters.description, intent.description),
      metadata: mergeMetadata(intent.metadata, parameters.metadata),
      ...(method && { payment_method: method.id, status: 'requires_confirmation' }),
    });
  }),
  endpoint('POST', `${PATH}/:id/confirm`, { ...confirming, payment_method: text() }, (account, parameters, id) =>
    confirmSetup(account, expectRecord(account, 'setup_intent', id), parameters),
  ),
  endpoint('POST', `${PATH}/:id/cancel`, { cancellation_reason: text() }, (account, parameters, id) => {
    const intent = expectRecord(account, 'setup_intent', id);
    if (intent.status === 'succeeded' || intent.status === 'canceled') throw unexpected(intent, 'cancel');
    const canceled = patch(account, 'setup_intent', intent, {
      status: 'canceled',
      cancellation_reason: parameters.cancellation_reason || null,
      next_action: null,
    });
    emit(account, 'setup_intent.canceled', canceled);
    return canceled;
  }),
];

type Confirmation = Partial<Read<typeof confirming & { readonly payment_method: ReturnType<typeof text> }>>;

function confirmSetup(account: Account, intent: SetupIntent, parameters: Confirmation): SetupIntent {
  if (intent.status === 'succeeded' || intent.status === 'canceled') throw unexpected(intent, 'confirm');
  const given = methodFor(account, intent, parameters);
  const methodId = given?.id ?? intent.payment_method;
  if (methodId === null) {
    throw refused("You cannot confirm this SetupIntent because it's missing a payment method.", { code: 'setup_intent_unexpected_state' });
  }
  const method = expectRecord(account, 'payment_method', methodId);
  checkUsable(account, method, intent.customer);
  const context = contextOf(account, intent.id);
  account.store.put('intent_context', { ...context, return_url: parameters.return_url ?? context.return_url });
  const { intent: tried, decline } = attemptSetup(account, intent, method);
  if (decline) {
    const { type: _, doc_url: __, ...error } = decline;
    throw new ApiError(402, { type: 'card_error', ...error, setup_intent: tried });
  }
  return tried;
}

function unexpected({ status }: SetupIntent, verb: string): ApiError {
  return refused(`You cannot ${verb} this SetupIntent because it has a status of ${status}.`, { code: 'setup_intent_unexpected_state' });
}
