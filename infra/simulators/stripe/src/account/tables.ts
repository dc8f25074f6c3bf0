import type { Settlement } from '../money/settlement.ts';
import type { StripeEvent } from '../objects/event-types.ts';
import type { Charge, Dispute, PaymentIntent, Refund } from '../objects/money-types.ts';
import type { BalanceTransaction, CheckoutSession, Customer, PaymentMethod, SetupIntent, WebhookEndpoint } from '../objects/types.ts';
import type { DeliveryRecord, DueDelivery, EndpointSecret } from '../webhooks/types.ts';

/** How the simulator remembers a card: Stripe's answers never hold the number. */
export interface CardRecord {
  /** The payment method. */
  readonly id: string;
  readonly number: string;
  /** Authenticated once for payments without the customer. */
  readonly isSetUp: boolean;
  /** Used once without a customer, or detached: never again. */
  readonly isSpent: boolean;
}

/** What Stripe knows of a PaymentIntent or SetupIntent and does not show. */
export interface IntentContext {
  readonly id: string;
  readonly return_url: string | null;
  readonly checkout_session: string | null;
  readonly is_off_session: boolean;
  /** What the person at the hosted page typed. */
  readonly card_holder?: { readonly name: string | null; readonly email: string | null };
}

export type TaskKind = 'EXPIRE_SESSION' | 'RESOLVE_REFUND' | 'FINISH_PAYMENT' | 'EXPIRE_AUTHORIZATION';

/** Something that happens by itself at an instant of the simulated clock. */
export interface TaskRecord {
  readonly id: string;
  readonly kind: TaskKind;
  /** The object that it happens to. */
  readonly target: string;
  readonly at_ms: number;
}

export interface SavedAnswer {
  /** The idempotency key. */
  readonly id: string;
  readonly fingerprint: string;
  readonly status: number;
  readonly body: string;
  readonly request: string;
  readonly saved_at_ms: number;
}

export interface Setting {
  readonly id: 'account';
  readonly clock_offset_ms: number;
  readonly is_holding_all: boolean;
  /** Not in journals from before there was one. */
  readonly settlement?: Settlement | null;
}

export interface Tables {
  counter: { readonly id: string; readonly value: number };
  setting: Setting;
  customer: Customer;
  payment_method: PaymentMethod;
  card: CardRecord;
  setup_intent: SetupIntent;
  payment_intent: PaymentIntent;
  intent_context: IntentContext;
  charge: Charge;
  refund: Refund;
  dispute: Dispute;
  balance_transaction: BalanceTransaction;
  checkout_session: CheckoutSession;
  event: StripeEvent;
  webhook_endpoint: WebhookEndpoint;
  endpoint_secret: EndpointSecret;
  delivery: DeliveryRecord;
  due_delivery: DueDelivery;
  task: TaskRecord;
  saved_answer: SavedAnswer;
}

export type TableName = keyof Tables;

const EVERY_TABLE: Record<TableName, true> = {
  counter: true,
  setting: true,
  customer: true,
  payment_method: true,
  card: true,
  setup_intent: true,
  payment_intent: true,
  intent_context: true,
  charge: true,
  refund: true,
  dispute: true,
  balance_transaction: true,
  checkout_session: true,
  event: true,
  webhook_endpoint: true,
  endpoint_secret: true,
  delivery: true,
  due_delivery: true,
  task: true,
  saved_answer: true,
};

export const TABLE_NAMES = Object.keys(EVERY_TABLE) as TableName[]; // the record above has every name
