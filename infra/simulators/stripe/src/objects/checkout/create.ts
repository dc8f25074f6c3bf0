import { type Account, nowSeconds, schedule } from '../../account/account.ts';
import { toSeconds } from '../../account/clock.ts';
import { invalidParameter } from '../../api/errors.ts';
import { mergeMetadata } from '../../api/parameters.ts';
import { expectCustomer } from '../customers.ts';
import { createSetupIntent } from '../setup-intents.ts';
import type { CheckoutSession, PaymentIntentData } from '../types.ts';
import type { NewSession } from './parameters.ts';
import { priced, unpriced } from './pricing.ts';

const MINUTE_SECONDS = 60;
const MIN_LIFE_SECONDS = 30 * MINUTE_SECONDS;
const MAX_LIFE_SECONDS = 24 * 60 * MINUTE_SECONDS;
const DEFAULT_SHOP_NAME = 'Tessera';

const ALWAYS = {
  adaptive_pricing: null,
  after_expiration: null,
  allow_promotion_codes: null,
  allowed_payment_method_types: null,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer_account: null,
  discounts: [],
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  livemode: false,
  locale: null,
  managed_payments: null,
  origin_context: null,
  payment_link: null,
  payment_method_collection: null,
  payment_method_configuration_details: null,
  payment_method_options: { card: { request_three_d_secure: 'automatic' } },
  permissions: null,
  phone_number_collection: { enabled: false },
  recovered_from: null,
  saved_payment_method_options: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  submit_type: null,
  subscription: null,
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  ui_mode: 'hosted_page',
  wallet_options: null,
} as const;

/** A session with its page; the intent to pay is made when somebody pays. @throws ApiError 400 */
export function createSession(account: Account, given: NewSession): CheckoutSession {
  const successUrl = given.success_url;
  if (!successUrl) throw invalidParameter('Missing required param: success_url.', 'success_url', 'parameter_missing');
  for (const [name, url] of [
    ['success_url', successUrl],
    ['cancel_url', given.cancel_url],
  ] as const)
    checkUrl(name, url);
  if (given.customer && given.customer_email) {
    throw invalidParameter('You may only specify one of these parameters: customer, customer_email.', 'customer');
  }
  if (given.customer && given.customer_creation) {
    throw invalidParameter('`customer_creation` can not be set when `customer` is given.', 'customer_creation');
  }
  const customer = given.customer ? expectCustomer(account, given.customer) : null;
  const expiresAt = expiry(account, given.expires_at);
  const isPayment = given.mode === 'payment';
  const money = isPayment ? priced(account, given) : unpriced(given);
  const id = account.ids.next('cs_test');
  const session: CheckoutSession = {
    ...ALWAYS,
    ...money,
    id,
    object: 'checkout.session',
    branding_settings: { display_name: given.branding_settings?.display_name || DEFAULT_SHOP_NAME },
    cancel_url: given.cancel_url || null,
    client_reference_id: given.client_reference_id || null,
    created: nowSeconds(account),
    customer: customer?.id ?? null,
    customer_creation: isPayment && !customer ? (given.customer_creation ?? 'if_required') : null,
    customer_details: null,
    customer_email: given.customer_email || null,
    expires_at: expiresAt,
    metadata: mergeMetadata({}, given.metadata),
    mode: given.mode,
    payment_intent: null,
    payment_method_types: given.payment_method_types ?? ['card'],
    payment_status: isPayment ? 'unpaid' : 'no_payment_required',
    setup_intent: isPayment ? null : setupIntent(account, given, id),
    status: 'open',
    success_url: successUrl,
    url: `${account.baseUrl}/c/pay/${id}`,
    payment_intent_data: intentData(given),
  };
  schedule(account, 'EXPIRE_SESSION', id, expiresAt * 1000 - account.clock.nowMs());
  return account.store.put('checkout_session', session);
}

/**
 * On the simulated clock. A shop has a clock of its own: what is wanted counts by real time, and the session lives as long when the clock
 * was moved. Only what cannot be meant so counts by the simulated clock.
 */
function expiry(account: Account, wanted: number | undefined): number {
  const { clock } = account;
  const nowMs = clock.nowMs();
  const now = toSeconds(nowMs);
  if (wanted === undefined) return now + MAX_LIFE_SECONDS;
  const realNow = toSeconds(nowMs - clock.offsetMs);
  if (isLife(wanted - realNow)) return wanted + Math.ceil(clock.offsetMs / 1000); // no shorter than was asked for
  if (isLife(wanted - now)) return wanted;
  if (wanted < realNow + MIN_LIFE_SECONDS) {
    throw invalidParameter('The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.', 'expires_at');
  }
  throw invalidParameter('The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.', 'expires_at');
}

function isLife(seconds: number): boolean {
  return seconds >= MIN_LIFE_SECONDS && seconds <= MAX_LIFE_SECONDS;
}

function setupIntent(account: Account, { customer, setup_intent_data: data }: NewSession, sessionId: string): string {
  const given = {
    customer: customer || null,
    description: data?.description || null,
    metadata: mergeMetadata({}, data?.metadata),
    paymentMethod: null,
    usage: 'off_session',
  };
  return createSetupIntent(account, given, { return_url: null, checkout_session: sessionId, is_off_session: false }).id;
}

function intentData({ payment_intent_data: data }: NewSession): PaymentIntentData {
  return {
    capture_method: data?.capture_method ?? 'automatic_async',
    description: data?.description || null,
    metadata: mergeMetadata({}, data?.metadata),
    receipt_email: data?.receipt_email || null,
    setup_future_usage: data?.setup_future_usage ?? null,
    statement_descriptor: data?.statement_descriptor || null,
    statement_descriptor_suffix: data?.statement_descriptor_suffix || null,
  };
}

function checkUrl(name: string, url: string | undefined): void {
  if (url && (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))) {
    throw invalidParameter('Not a valid URL', name, 'url_invalid');
  }
}
