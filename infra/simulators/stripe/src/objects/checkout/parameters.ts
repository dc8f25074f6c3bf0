import { choice, flag, ignored, integer, list, metadata, nested, type Read, required, text } from '../../api/parameters.ts';
import { CAPTURE_METHODS } from '../payment-intents/parameters.ts';

const priceData = nested({
  currency: required(text()),
  unit_amount: integer(),
  unit_amount_decimal: ignored(),
  product: text(),
  product_data: nested({
    name: required(text()),
    description: text(),
    images: ignored(),
    metadata: metadata(),
    tax_code: ignored(),
    unit_label: ignored(),
  }),
  recurring: ignored(),
  tax_behavior: ignored(),
});

const paymentIntentData = nested({
  capture_method: choice(CAPTURE_METHODS),
  description: text(1000),
  metadata: metadata(),
  receipt_email: text(),
  setup_future_usage: choice(['off_session', 'on_session']),
  shipping: ignored(),
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
  transfer_group: ignored(),
});

export const createParameters = {
  allowed_payment_method_types: list(text()),
  branding_settings: nested({
    display_name: text(),
    background_color: ignored(),
    border_style: ignored(),
    button_color: ignored(),
    font_family: ignored(),
    icon: ignored(),
    logo: ignored(),
  }),
  cancel_url: text(),
  client_reference_id: text(200),
  currency: text(),
  customer: text(),
  customer_creation: choice(['always', 'if_required']),
  customer_email: text(),
  expires_at: integer(),
  line_items: list(
    nested({
      price_data: required(priceData),
      quantity: integer(),
      adjustable_quantity: ignored(),
      dynamic_tax_rates: ignored(),
      metadata: ignored(),
      tax_rates: ignored(),
    }),
  ),
  locale: ignored(),
  metadata: metadata(),
  mode: required(choice(['payment', 'setup'])),
  payment_intent_data: paymentIntentData,
  payment_method_types: list(text()),
  setup_intent_data: nested({ description: text(), metadata: metadata(), on_behalf_of: ignored() }),
  success_url: text(),
  ui_mode: choice(['hosted', 'hosted_page']),
  adaptive_pricing: ignored(),
  allow_promotion_codes: flag(),
  automatic_tax: ignored(),
  billing_address_collection: ignored(),
  consent_collection: ignored(),
  custom_text: ignored(),
  customer_update: ignored(),
  integration_identifier: ignored(),
  origin_context: ignored(),
  payment_method_options: ignored(),
  phone_number_collection: ignored(),
  saved_payment_method_options: ignored(),
  shipping_address_collection: ignored(),
  submit_type: ignored(),
  wallet_options: ignored(),
};

export type NewSession = Read<typeof createParameters>;
