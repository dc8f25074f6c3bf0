import type { EventPayload } from '@tessera/schema/contract';
import type { OrderEntity, OrderLineEntity } from './order.entity.ts';

/** What every order event carries: enough to route it and to show it, no address. */
export function orderPayload(order: OrderEntity, lines: readonly OrderLineEntity[]): EventPayload<'OrderPlaced'> {
  const { currency } = order;
  return {
    orderId: order.id,
    number: order.number,
    customerId: order.customerId,
    vendorIds: [...order.vendorIds],
    state: order.state,
    total: { currency, minor: order.totalMinor.toString() },
    lines: lines.map(({ id, variantId, productId, vendorId, quantity, unitMinor, kind }) => ({
      lineId: id,
      variantId,
      productId,
      vendorId,
      quantity,
      unitPrice: { currency, minor: unitMinor.toString() },
      kind,
    })),
  };
}
