import { InvariantViolation } from '@tessera/service-kit/errors';
import { TenderEnum, type TenderName } from '@tessera/service-kit/graphql';
import type { OrderEntity } from './order.entity.ts';
import type { PaymentState } from './order.ts';

interface PaymentFacts {
  readonly amount: { readonly currency: string; readonly minor: string };
  readonly tender: string;
}

/** An order is paid whole or not at all: another amount or currency is a fault that a person must see. */
export function checkedAmount(order: OrderEntity, { currency, minor }: PaymentFacts['amount']): bigint {
  if (currency === order.currency && BigInt(minor) === order.totalMinor) return order.totalMinor;
  throw new InvariantViolation(`Order ${order.id} costs ${order.totalMinor} ${order.currency}, its payment is ${minor} ${currency}`);
}

/** What was paid with in the end: another attempt may have used another tender than the checkout. Refunds follow it. */
export function knownTender(tender: string): TenderName {
  if (Object.hasOwn(TenderEnum, tender)) return tender as TenderName; // just looked up
  throw new InvariantViolation(`${tender} is no tender`);
}

/** Writes down that the money was taken, whether it may stay or not. */
export function recordTaken(
  order: OrderEntity,
  { amount, tender }: PaymentFacts,
  paymentState: Extract<PaymentState, 'UNDER_REVIEW' | 'CAPTURED' | 'REJECTED'>,
): void {
  const amountMinor = checkedAmount(order, amount);
  order.authorisedMinor = amountMinor;
  order.capturedMinor = amountMinor;
  order.paymentState = paymentState;
  order.tender = knownTender(tender);
}
