import { registerEnumType } from 'type-graphql';
import type { ProviderName } from '../provider/provider-name.ts';
import type { RefundDestination, RefundState } from '../refund/refund.ts';
import type { AttemptState, PaymentState } from './payment.ts';

export const PaymentProviderEnum = { STRIPE: 'STRIPE', PAYPAL: 'PAYPAL' } as const satisfies Record<ProviderName, ProviderName>;
registerEnumType(PaymentProviderEnum, { name: 'PaymentProvider', description: 'Who moves the money outside of the platform.' });

export const PaymentStateEnum = {
  PENDING: 'PENDING',
  REQUIRES_ACTION: 'REQUIRES_ACTION',
  AUTHORISED: 'AUTHORISED',
  CAPTURED: 'CAPTURED',
  FAILED: 'FAILED',
  VOIDED: 'VOIDED',
} as const satisfies Record<PaymentState, PaymentState>;
registerEnumType(PaymentStateEnum, {
  name: 'PaymentState',
  description: 'Where a payment is on its way; FAILED may be tried again by paymentRetry, CAPTURED and VOIDED are final.',
});

export const PaymentAttemptStateEnum = {
  INIT: 'INIT',
  REQUIRES_ACTION: 'REQUIRES_ACTION',
  PENDING: 'PENDING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  UNKNOWN: 'UNKNOWN',
} as const satisfies Record<AttemptState, AttemptState>;
registerEnumType(PaymentAttemptStateEnum, {
  name: 'PaymentAttemptState',
  description: 'Where an attempt is on its way; FAILED is definitive, UNKNOWN means that the answer is long overdue.',
});

export const RefundStateEnum = { PENDING: 'PENDING', SUCCEEDED: 'SUCCEEDED', FAILED: 'FAILED' } as const satisfies Record<
  RefundState,
  RefundState
>;
registerEnumType(RefundStateEnum, { name: 'RefundState', description: 'Whether money has gone back.' });

export const RefundDestinationEnum = { WALLET: 'WALLET', ORIGINAL: 'ORIGINAL' } as const satisfies Record<
  RefundDestination,
  RefundDestination
>;
registerEnumType(RefundDestinationEnum, {
  name: 'RefundDestination',
  description: 'Where money goes back to: a wallet of the customer, or the way it came.',
});
