import { LockMode } from '@mikro-orm/core';
import { InvariantViolation } from '@tessera/service-kit/errors';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { OrderEntity, OrderLineEntity } from './order.entity.ts';

export async function lockOrder(em: EntityManager, orderId: string): Promise<OrderEntity | null> {
  return em.findOne(OrderEntity, { id: orderId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

/** In the order in which they were bought. */
export async function loadLines(em: EntityManager, orderId: string): Promise<OrderLineEntity[]> {
  return em.find(OrderLineEntity, { orderId }, { orderBy: { place: 'asc' } });
}

/** The order that a payment event is about. An event that fits no order of ours is not passed over: it ends as a dead letter, for a person. */
export async function lockPaidOrder(
  em: EntityManager,
  { orderId, paymentId }: { readonly orderId: string; readonly paymentId: string },
): Promise<OrderEntity> {
  const order = await lockOrder(em, orderId);
  if (!order || order.paymentId !== paymentId) throw new InvariantViolation(`Payment ${paymentId} belongs to no order ${orderId} here`);
  return order;
}
