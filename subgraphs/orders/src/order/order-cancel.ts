import { refuseInvalid } from '@tessera/service-kit/graphql';
import { hasScope } from '@tessera/service-kit/identity';
import { z } from 'zod';
import { actOfRequest } from '../cause.ts';
import { idRule, proseRule } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { hasRevealedUnits } from '../unit/grant-units.ts';
import { cancelOrder } from './close-order.ts';
import { loadLines, lockOrder } from './order.load.ts';
import { decideCancel } from './order.ts';
import { type OrderCancelInput, OrderCancelled, OrderNotCancellable, OrderNotFound } from './order-cancel.type.ts';

const rules = z.object({ orderId: idRule('order'), reason: proseRule(500).nullish() });

/**
 * Cancels an order of the caller's, or any for `orders:write`, and sends stock and money back. Runs inside the transaction that also holds
 * the idempotency claim and the outbox, so it happens once or not at all; safe to retry.
 */
export async function orderCancel(input: OrderCancelInput, context: ActContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const act = actOfRequest(context);
  const order = await lockOrder(act.em, input.orderId);
  if (!order || (order.customerId !== context.viewer.userId && !hasScope(context.viewer, 'orders:write'))) return new OrderNotFound();

  const decision = decideCancel(order, await hasRevealedUnits(act.em, order.id));
  if (decision.outcome === 'refused') return new OrderNotCancellable(order.state, decision.why);

  await cancelOrder(act, order, await loadLines(act.em, order.id), decision, input.reason ?? null, context.services);
  return new OrderCancelled(order.id);
}
