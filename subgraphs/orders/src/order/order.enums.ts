import { registerEnumType } from 'type-graphql';
import { STEP_NAMES, type StepName, type StepState } from '../saga/saga.ts';
import type { HistoryKind } from './history.ts';
import type { OrderAct, OrderState } from './order.ts';

export const OrderStateEnum = {
  PENDING_PAYMENT: 'PENDING_PAYMENT',
  CONFIRMED: 'CONFIRMED',
  PARTIALLY_SHIPPED: 'PARTIALLY_SHIPPED',
  SHIPPED: 'SHIPPED',
  DELIVERED: 'DELIVERED',
  CANCELLED: 'CANCELLED',
  EXPIRED: 'EXPIRED',
} as const satisfies Record<OrderState, OrderState>;
registerEnumType(OrderStateEnum, { name: 'OrderState', description: 'Where an order is on its way.' });

export const OrderActEnum = { PAY: 'PAY', CANCEL: 'CANCEL' } as const satisfies Record<OrderAct, OrderAct>;
registerEnumType(OrderActEnum, { name: 'OrderAct', description: 'What may be asked for next.' });

export const OrderOrderByEnum = { NEWEST: 'NEWEST', OLDEST: 'OLDEST' } as const;
export type OrderOrderBy = keyof typeof OrderOrderByEnum;
registerEnumType(OrderOrderByEnum, { name: 'OrderOrderBy', description: 'How a list of orders is sorted, by when they were placed.' });

export const OrderHistoryKindEnum = {
  PLACED: 'PLACED',
  CONFIRMED: 'CONFIRMED',
  UNITS_DELIVERED: 'UNITS_DELIVERED',
  CANCELLED: 'CANCELLED',
  EXPIRED: 'EXPIRED',
  PAYMENT_REQUIRES_ACTION: 'PAYMENT_REQUIRES_ACTION',
  PAYMENT_AUTHORISED: 'PAYMENT_AUTHORISED',
  PAYMENT_UNDER_REVIEW: 'PAYMENT_UNDER_REVIEW',
  PAYMENT_CAPTURED: 'PAYMENT_CAPTURED',
  PAYMENT_REJECTED: 'PAYMENT_REJECTED',
  PAYMENT_FAILED: 'PAYMENT_FAILED',
  PAYMENT_VOIDED: 'PAYMENT_VOIDED',
  REFUND_SUCCEEDED: 'REFUND_SUCCEEDED',
  REFUND_FAILED: 'REFUND_FAILED',
  REFUND_RETURNED: 'REFUND_RETURNED',
  STRAY_REFUNDED: 'STRAY_REFUNDED',
  DISPUTE_OPENED: 'DISPUTE_OPENED',
  DISPUTE_WON: 'DISPUTE_WON',
  DISPUTE_LOST: 'DISPUTE_LOST',
} as const satisfies Record<HistoryKind, HistoryKind>;
registerEnumType(OrderHistoryKindEnum, { name: 'OrderHistoryKind', description: 'What happened to an order.' });

export const TimelineStepNameEnum = Object.freeze(Object.fromEntries(STEP_NAMES.map((name) => [name, name]))) as Readonly<
  Record<StepName, StepName>
>; // fromEntries forgets the keys
registerEnumType(TimelineStepNameEnum, { name: 'TimelineStepName', description: 'A step on the way from checkout to delivery, or back.' });

export const TimelineStepStateEnum = {
  WAITING: 'WAITING',
  DONE: 'DONE',
  FAILED: 'FAILED',
  NEEDS_ATTENTION: 'NEEDS_ATTENTION',
} as const satisfies Record<StepState, StepState>;
registerEnumType(TimelineStepStateEnum, { name: 'TimelineStepState', description: 'How far a step has come.' });
