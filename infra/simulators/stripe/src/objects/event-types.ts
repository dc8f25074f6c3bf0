import type { MoneyObject } from './money-types.ts';
import type { CheckoutSession, Customer, PaymentMethod, SetupIntent } from './types.ts';

export interface StripeEvent {
  readonly id: string;
  readonly object: 'event';
  readonly api_version: string;
  readonly created: number;
  readonly data: { readonly object: EventObject; readonly previous_attributes?: Readonly<Record<string, unknown>> };
  readonly livemode: false;
  readonly pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
  readonly type: string;
}

export type EventObject =
  | Customer
  | PaymentMethod
  | SetupIntent
  | Omit<CheckoutSession, 'line_items' | 'payment_intent_data'>
  | MoneyObject;
