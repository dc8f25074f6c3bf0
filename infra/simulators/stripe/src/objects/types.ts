/** Objects as the API answers them. The interfaces name what the simulator works with; fields that are always the same come from constants. */
export type Metadata = Readonly<Record<string, string>>;

export interface Address {
  readonly city: string | null;
  readonly country: string | null;
  readonly line1: string | null;
  readonly line2: string | null;
  readonly postal_code: string | null;
  readonly state: string | null;
}

export interface Customer {
  readonly id: string;
  readonly object: 'customer';
  readonly deleted?: true;
  readonly created: number;
  readonly description: string | null;
  readonly email: string | null;
  readonly invoice_settings: { readonly default_payment_method: string | null };
  readonly metadata: Metadata;
  readonly name: string | null;
  readonly phone: string | null;
}

export interface CardDetails {
  readonly brand: string;
  readonly checks: {
    readonly address_line1_check: string | null;
    readonly address_postal_code_check: string | null;
    readonly cvc_check: string | null;
  };
  readonly country: string;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly fingerprint: string;
  readonly funding: string;
  readonly last4: string;
}

export interface BillingDetails {
  readonly address: Address;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly tax_id: string | null;
}

export interface PaymentMethod {
  readonly id: string;
  readonly object: 'payment_method';
  readonly billing_details: BillingDetails;
  readonly card: CardDetails;
  readonly created: number;
  readonly customer: string | null;
  readonly metadata: Metadata;
  readonly type: 'card';
}

export interface NextAction {
  readonly type: 'redirect_to_url';
  readonly redirect_to_url: { readonly url: string; readonly return_url: string | null };
}

/** As `last_payment_error` and `last_setup_error` hold it. */
export interface IntentError {
  readonly type: 'card_error' | 'invalid_request_error';
  readonly code: string;
  readonly decline_code?: string;
  readonly charge?: string;
  readonly doc_url: string;
  readonly message: string;
  readonly payment_method?: PaymentMethod;
}

export interface SetupIntent {
  readonly id: string;
  readonly object: 'setup_intent';
  readonly cancellation_reason: string | null;
  readonly client_secret: string;
  readonly created: number;
  readonly customer: string | null;
  readonly description: string | null;
  readonly last_setup_error: IntentError | null;
  readonly metadata: Metadata;
  readonly next_action: NextAction | null;
  readonly payment_method: string | null;
  readonly payment_method_types: readonly string[];
  readonly status: 'requires_payment_method' | 'requires_confirmation' | 'requires_action' | 'processing' | 'canceled' | 'succeeded';
  readonly usage: string;
}

export interface FeeDetail {
  readonly amount: number;
  readonly application: null;
  readonly currency: string;
  readonly description: string;
  readonly type: 'stripe_fee';
}

export interface BalanceTransaction {
  readonly id: string;
  readonly object: 'balance_transaction';
  readonly amount: number;
  readonly available_on: number;
  readonly created: number;
  readonly currency: string;
  readonly description: string | null;
  readonly fee: number;
  readonly fee_details: readonly FeeDetail[];
  readonly net: number;
  readonly reporting_category: string;
  readonly source: string;
  readonly status: 'available' | 'pending';
  readonly type: 'charge' | 'refund' | 'refund_failure' | 'adjustment';
}

export interface LineItem {
  readonly id: string;
  readonly object: 'item';
  readonly amount_subtotal: number;
  readonly amount_total: number;
  readonly currency: string;
  readonly description: string;
  readonly price: { readonly id: string; readonly unit_amount: number; readonly currency: string; readonly product: string };
  readonly quantity: number;
}

export interface CustomerDetails {
  readonly address: Address | null;
  readonly business_name: string | null;
  readonly email: string | null;
  readonly individual_name: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly tax_exempt: 'none';
  readonly tax_ids: readonly never[];
}

export interface CheckoutSession {
  readonly id: string;
  readonly object: 'checkout.session';
  readonly amount_subtotal: number | null;
  readonly amount_total: number | null;
  readonly branding_settings: { readonly display_name: string };
  readonly cancel_url: string | null;
  readonly client_reference_id: string | null;
  readonly created: number;
  readonly currency: string | null;
  readonly customer: string | null;
  readonly customer_creation: 'always' | 'if_required' | null;
  readonly customer_details: CustomerDetails | null;
  readonly customer_email: string | null;
  readonly expires_at: number;
  readonly metadata: Metadata;
  readonly mode: 'payment' | 'setup';
  readonly payment_intent: string | null;
  readonly payment_method_types: readonly string[];
  readonly payment_status: 'paid' | 'unpaid' | 'no_payment_required';
  readonly setup_intent: string | null;
  readonly status: 'open' | 'complete' | 'expired';
  readonly success_url: string;
  readonly url: string | null;
  /** Left out of answers unless expanded, as at Stripe. */
  readonly line_items: readonly LineItem[];
  /** For the PaymentIntent that is made when somebody pays; never answered. */
  readonly payment_intent_data: PaymentIntentData;
}

export interface PaymentIntentData {
  readonly capture_method: 'automatic' | 'automatic_async' | 'manual';
  readonly description: string | null;
  readonly metadata: Metadata;
  readonly receipt_email: string | null;
  readonly setup_future_usage: string | null;
  readonly statement_descriptor: string | null;
  readonly statement_descriptor_suffix: string | null;
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly object: 'webhook_endpoint';
  readonly api_version: string | null;
  readonly application: null;
  readonly created: number;
  readonly description: string | null;
  readonly enabled_events: readonly string[];
  readonly livemode: false;
  readonly metadata: Metadata;
  readonly status: 'enabled' | 'disabled';
  readonly url: string;
}
