import { InvariantViolation } from '@tessera/service-kit/errors';
import type { OrderEntity } from './order.entity.ts';

/** An order is paid whole or not at all: another amount or currency is a fault that a person must see. */
export function checkedAmount(order: OrderEntity, { currency, minor }: { readonly currency: string; readonly minor: string }): bigint {
  if (currency === order.currency && BigInt(minor) === order.totalMinor) return order.totalMinor;
  throw new InvariantViolation(`Order ${order.id} costs ${order.totalMinor} ${order.currency}, its payment is ${minor} ${currency}`);
}
