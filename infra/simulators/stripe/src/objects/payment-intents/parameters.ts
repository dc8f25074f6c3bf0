import { choice, flag, ignored, integer, list, metadata, nested, required, text } from '../../api/parameters.ts';
import { cardParameters } from '../payment-methods.ts';

export const CAPTURE_METHODS = ['automatic', 'automatic_async', 'manual'] as const;

const described = {
  description: text(1000),
  metadata: metadata(),
  receipt_email: text(),
  setup_future_usage: choice(['off_session', 'on_session']),
  shipping: ignored(),
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
  transfer_group: text(),
};

const ofNoEffect = {
  allowed_payment_method_types: ignored(),
  amount_details: ignored(),
  application_fee_amount: ignored(),
  excluded_payment_method_types: ignored(),
  payment_details: ignored(),
  payment_method_options: ignored(),
};

/** A card by number in place of a payment method. */
const paymentMethodData = nested({
  type: text(),
  card: cardParameters,
  billing_details: nested({ name: text(), email: text(), phone: ignored(), address: ignored(), tax_id: ignored() }),
  metadata: metadata(),
  allow_redisplay: ignored(),
});

const confirming = {
  payment_method: text(),
  payment_method_data: paymentMethodData,
  off_session: flag(),
  return_url: text(),
  error_on_requires_action: flag(),
  mandate: ignored(),
  mandate_data: ignored(),
  radar_options: ignored(),
  use_stripe_sdk: ignored(),
};

export const createParameters = {
  ...described,
  ...ofNoEffect,
  ...confirming,
  amount: required(integer()),
  currency: required(text()),
  automatic_payment_methods: nested({ enabled: required(flag()), allow_redirects: choice(['always', 'never']) }),
  capture_method: choice(CAPTURE_METHODS),
  confirm: flag(),
  confirmation_method: choice(['automatic', 'manual']),
  customer: text(),
  payment_method_types: list(text()),
};

export const confirmParameters = {
  ...ofNoEffect,
  ...confirming,
  setup_future_usage: described.setup_future_usage,
  receipt_email: text(),
  shipping: ignored(),
  capture_method: choice(CAPTURE_METHODS),
  payment_method_types: list(text()),
};

export const updateParameters = {
  ...described,
  ...ofNoEffect,
  amount: integer(),
  currency: text(),
  capture_method: choice(CAPTURE_METHODS),
  customer: text(),
  payment_method: text(),
  payment_method_data: paymentMethodData,
  payment_method_types: list(text()),
};

export const captureParameters = {
  amount_to_capture: integer(),
  metadata: metadata(),
  final_capture: flag(),
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
  amount_details: ignored(),
  application_fee_amount: ignored(),
  payment_details: ignored(),
  transfer_data: ignored(),
};

export const cancelParameters = { cancellation_reason: choice(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer']) };
