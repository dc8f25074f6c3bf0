import { ensure } from '@tessera/service-kit/errors';
import { hasScope } from '@tessera/service-kit/identity';
import { ConnectionArgs } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Cart } from '../cart/cart.type.ts';
import { readOwnCart } from '../cart/cart.view.ts';
import { type OrderOrderBy, OrderOrderByEnum } from '../order/order.enums.ts';
import { viewOf } from '../order/order.view.ts';
import { listOrders, OrderConnection } from '../order/order-list.ts';
import { OrderWhere } from '../order/order-where.type.ts';
import type { OrdersContext } from '../services.ts';
import { listUnits, UnitConnection } from '../unit/unit.load.ts';
import { UserStub } from './user.type.ts';

/** What orders adds to a user, for that user: for others it is null. */
@Resolver(() => UserStub)
export class UserFieldsResolver {
  @FieldResolver(() => OrderConnection, { nullable: true, description: 'What they bought; null for anybody else without `orders:read`.' })
  orders(
    @Root() { id }: UserStub,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('where', () => OrderWhere, { nullable: true, description: 'Which of them.' }) where: OrderWhere | null,
    @Arg('orderBy', () => OrderOrderByEnum, { nullable: true, description: 'Newest first when left out.' }) orderBy: OrderOrderBy | null,
    @Ctx() context: OrdersContext,
  ) {
    const { viewer } = context;
    if (viewer.userId !== id && !hasScope(viewer, 'orders:read')) return null;
    return listOrders(context, {
      args,
      where: where ?? {},
      orderBy: orderBy ?? 'NEWEST',
      visible: { customerId: id },
      name: `orders of ${id}`,
      toView: (row) => ensure(viewOf(row, viewer), 'a view of a listed order'),
    });
  }

  @FieldResolver(() => Cart, { nullable: true, description: 'What they are about to buy; null for anybody else.' })
  cart(@Root() { id }: UserStub, @Ctx() context: OrdersContext) {
    return context.viewer.userId === id ? readOwnCart(context, id) : null;
  }

  @FieldResolver(() => UnitConnection, { nullable: true, description: 'The digital units that they own; null for anybody else.' })
  units(@Root() { id }: UserStub, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() context: OrdersContext) {
    return context.viewer.userId === id ? listUnits(context, id, args) : null;
  }
}
