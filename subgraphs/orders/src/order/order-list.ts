import type { FilterQuery } from '@mikro-orm/core';
import { type ConnectionArgs, connectionTypes, paginate } from '@tessera/service-kit/pagination';
import type { OrdersContext } from '../services.ts';
import { OrderEntity } from './order.entity.ts';
import type { OrderOrderBy } from './order.enums.ts';
import { Order } from './order.type.ts';
import type { OrderView } from './order.view.ts';
import { orderFilter } from './order-where.ts';
import type { OrderWhere } from './order-where.type.ts';

export const OrderConnection = connectionTypes('Order', () => Order);

export interface OrderListRequest {
  readonly args: ConnectionArgs;
  readonly where: OrderWhere;
  readonly orderBy: OrderOrderBy;
  /** What the list may hold whatever the caller filters by; no `or` or `not` of theirs can reach it. */
  readonly visible: FilterQuery<OrderEntity>;
  /** Tells lists apart whose filter reads the same: a cursor of one is refused by the other. */
  readonly name: string;
  readonly toView: (row: OrderEntity) => OrderView;
}

export async function listOrders(context: OrdersContext, { args, where, orderBy, visible, name, toView }: OrderListRequest) {
  const page = await paginate(context.em, {
    entity: OrderEntity,
    where: { $and: [visible, orderFilter(where)] },
    sort: [{ property: 'placedAt', direction: orderBy === 'NEWEST' ? 'desc' : 'asc' }],
    args,
    filter: { where, orderBy, name },
    secret: context.cursorSecret,
    toNode: (row): Order => toView(row),
  });
  return new OrderConnection(page);
}
