import { type Account, nowSeconds } from '../../account/account.ts';
import type { IntentContext } from '../../account/tables.ts';
import { emit } from '../../webhooks/events.ts';
import type { PaymentIntent } from '../money-types.ts';

const ALWAYS = {
  allowed_payment_method_types: null,
  application: null,
  application_fee_amount: null,
  confirmation_method: 'automatic',
  customer_account: null,
  excluded_payment_method_types: null,
  livemode: false,
  managed_payments: null,
  on_behalf_of: null,
  payment_method_configuration_details: null,
  payment_method_options: { card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' } },
  payment_record: null,
  processing: null,
  review: null,
  source: null,
  transfer_data: null,
} as const;

type Given =
  | 'amount'
  | 'automatic_payment_methods'
  | 'capture_method'
  | 'currency'
  | 'customer'
  | 'description'
  | 'metadata'
  | 'payment_method'
  | 'payment_method_types'
  | 'receipt_email'
  | 'setup_future_usage'
  | 'shipping'
  | 'statement_descriptor'
  | 'statement_descriptor_suffix'
  | 'transfer_group';

export type NewPaymentIntent = Pick<PaymentIntent, Given>;

/** A PaymentIntent that nobody tried to pay yet. */
export function createPaymentIntent(account: Account, given: NewPaymentIntent, context: Omit<IntentContext, 'id'>): PaymentIntent {
  const id = account.ids.next('pi');
  const intent = account.store.put('payment_intent', {
    ...ALWAYS,
    ...given,
    id,
    object: 'payment_intent',
    amount_capturable: 0,
    amount_received: 0,
    canceled_at: null,
    cancellation_reason: null,
    client_secret: `${id}_${account.ids.next('secret')}`,
    created: nowSeconds(account),
    last_payment_error: null,
    latest_charge: null,
    next_action: null,
    status: given.payment_method === null ? 'requires_payment_method' : 'requires_confirmation',
  });
  account.store.put('intent_context', { id, ...context });
  emit(account, 'payment_intent.created', intent);
  return intent;
}

export function contextOf({ store }: Account, intentId: string): IntentContext {
  return store.get('intent_context', intentId) ?? { id: intentId, return_url: null, checkout_session: null, is_off_session: false };
}
