import { typedDocument } from '@tessera/sdk';

/** Only what the shoppers look at: they are many, and the platform under test has better things to do. */

export interface Refusal {
  readonly __typename: string;
  readonly code?: string;
  readonly message?: string;
}

interface Input {
  readonly input: Readonly<Record<string, unknown>>;
}

export interface SeenPayment {
  readonly id: string;
  readonly state: 'PENDING' | 'REQUIRES_ACTION' | 'AUTHORISED' | 'CAPTURED' | 'FAILED' | 'VOIDED';
  readonly clientAction: { readonly kind: string; readonly url: string | null } | null;
}

export interface SeenOrder {
  readonly id: string;
  readonly state: 'PENDING_PAYMENT' | 'CONFIRMED' | 'PARTIALLY_SHIPPED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED' | 'EXPIRED';
  readonly total: { readonly minor: string };
  /** Null while payments cannot be asked. */
  readonly payments: readonly SeenPayment[] | null;
}

const PROBLEM = '... on Problem { code message }';
const ORDER_PARTS = 'id state total { minor } payments { id state clientAction { kind url } }';

export const CartClear = typedDocument<{ cartClear: Refusal }, Input>(
  `mutation CartClear($input: CartClearInput!) { cartClear(input: $input) { __typename ${PROBLEM} } }`,
);

export const CartLineAdd = typedDocument<{ cartLineAdd: Refusal & { cart?: { id: string } | null } }, Input>(
  `mutation CartLineAdd($input: CartLineAddInput!) { cartLineAdd(input: $input) { __typename ... on CartChanged { cart { id } } ${PROBLEM} } }`,
);

export const CheckoutQuote = typedDocument<{ checkoutQuote: Refusal & { quote?: { id: string; total: { minor: string } } | null } }, Input>(
  `mutation CheckoutQuote($input: CheckoutQuoteInput!) {
     checkoutQuote(input: $input) { __typename ... on CheckoutQuoted { quote { id total { minor } } } ${PROBLEM} }
   }`,
);

export const CheckoutComplete = typedDocument<{ checkoutComplete: Refusal & { order?: SeenOrder | null } }, Input>(
  `mutation CheckoutComplete($input: CheckoutCompleteInput!) {
     checkoutComplete(input: $input) { __typename ... on CheckoutCompleted { order { ${ORDER_PARTS} } } ${PROBLEM} }
   }`,
);

export const OrderSeen = typedDocument<{ order: SeenOrder | null }, { id: string }>(
  `query OrderSeen($id: ID!) { order(id: $id) { ${ORDER_PARTS} } }`,
);

export const OrderState = typedDocument<{ order: Pick<SeenOrder, 'state'> | null }, { id: string }>(
  'query OrderState($id: ID!) { order(id: $id) { state } }',
);

export const OrderCancel = typedDocument<{ orderCancel: Refusal }, Input>(
  `mutation OrderCancel($input: OrderCancelInput!) { orderCancel(input: $input) { __typename ${PROBLEM} } }`,
);

export const PaymentRetry = typedDocument<{ paymentRetry: Refusal }, Input>(
  `mutation PaymentRetry($input: PaymentRetryInput!) { paymentRetry(input: $input) { __typename ${PROBLEM} } }`,
);

export const RefundCreate = typedDocument<{ refundCreate: Refusal & { refund?: { id: string } | null } }, Input>(
  `mutation RefundCreate($input: RefundCreateInput!) { refundCreate(input: $input) { __typename ... on RefundCreated { refund { id } } ${PROBLEM} } }`,
);

export interface SeenRefund {
  readonly id: string;
  readonly state: 'PENDING' | 'SUCCEEDED' | 'FAILED';
}

export const RefundsSeen = typedDocument<{ payment: { refunds: readonly SeenRefund[] } | null }, { id: string }>(
  'query RefundsSeen($id: ID!) { payment(id: $id) { refunds { id state } } }',
);

export const PaymentAttentionSettle = typedDocument<{ paymentAttentionSettle: Refusal }, Input>(
  `mutation PaymentAttentionSettle($input: PaymentAttentionSettleInput!) { paymentAttentionSettle(input: $input) { __typename ${PROBLEM} } }`,
);

export interface SeenMethod {
  readonly id: string;
  readonly state: 'SETTING_UP' | 'ACTIVE' | 'REMOVING' | 'REMOVED' | 'FAILED';
  readonly clientAction: { readonly url: string | null } | null;
}

export const PaymentMethodSave = typedDocument<{ paymentMethodSave: Refusal & { paymentMethod?: SeenMethod | null } }, Input>(
  `mutation PaymentMethodSave($input: PaymentMethodSaveInput!) {
     paymentMethodSave(input: $input) { __typename ... on PaymentMethodSaveStarted { paymentMethod { id state clientAction { url } } } ${PROBLEM} }
   }`,
);

export const PaymentMethods = typedDocument<{ me: { paymentMethods: readonly SeenMethod[] | null } | null }, Record<string, never>>(
  'query PaymentMethods { me { paymentMethods { id state clientAction { url } } } }',
);

export const PaymentMethodRemove = typedDocument<{ paymentMethodRemove: Refusal }, Input>(
  `mutation PaymentMethodRemove($input: PaymentMethodRemoveInput!) { paymentMethodRemove(input: $input) { __typename ${PROBLEM} } }`,
);
