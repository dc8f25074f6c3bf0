import { Authenticated, RequiresScopes } from '@tessera/service-kit/access';
import { ensure } from '@tessera/service-kit/errors';
import { Money } from '@tessera/service-kit/graphql';
import { hasScope } from '@tessera/service-kit/identity';
import { isId } from '@tessera/service-kit/ids';
import { ConnectionArgs } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { PostalAddress } from '../checkout/postal-address.ts';
import { UserStub } from '../foreign/user.type.ts';
import { timelineOfOrder } from '../saga/timeline.ts';
import type { OrdersContext } from '../services.ts';
import { hasRevealed, unitsOfOrder } from '../unit/unit.load.ts';
import { Unit } from '../unit/unit.type.ts';
import { historyForVendor, historyOfOrder } from './history.ts';
import { OrderActEnum, type OrderOrderBy, OrderOrderByEnum } from './order.enums.ts';
import { allowedActs } from './order.ts';
import { Order, OrderHistoryEntry, OrderLine, TimelineStep } from './order.type.ts';
import { linesOf, type OrderView, shareOf, totalsOf, vendorViewOf, viewOf, visibleOrder } from './order.view.ts';
import { orderCancel } from './order-cancel.ts';
import { OrderCancelInput, OrderCancelResult } from './order-cancel.type.ts';
import { listOrders, OrderConnection } from './order-list.ts';
import { OrderWhere } from './order-where.type.ts';

@Resolver(() => Order)
export class OrderResolver {
  @Authenticated()
  @Query(() => Order, {
    nullable: true,
    description: 'One order: for its customer, a vendor of one of its lines, or `orders:read`; else null.',
  })
  order(@Arg('id', () => ID, { description: 'The order.' }) id: string, @Ctx() context: OrdersContext) {
    return isId('order', id) ? context.load(visibleOrder, id) : null;
  }

  @Authenticated()
  @Query(() => OrderConnection, { description: "The caller's orders; with `orders:read` everybody's." })
  orders(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('where', () => OrderWhere, { nullable: true, description: 'Which of them.' }) where: OrderWhere | null,
    @Arg('orderBy', () => OrderOrderByEnum, { nullable: true, description: 'Newest first when left out.' }) orderBy: OrderOrderBy | null,
    @Ctx() context: OrdersContext,
  ) {
    const { viewer } = context;
    const visible = hasScope(viewer, 'orders:read') ? {} : { customerId: ensure(viewer.userId, 'an authenticated user') };
    const toView = (row: OrderView['row']) => ensure(viewOf(row, viewer), 'a view of a listed order');
    return listOrders(context, { args, where: where ?? {}, orderBy: orderBy ?? 'NEWEST', visible, name: 'orders', toView });
  }

  @RequiresScopes([['orders:vendor']])
  @Query(() => OrderConnection, { description: 'Orders with lines that the caller sells: those lines only.' })
  vendorOrders(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('where', () => OrderWhere, { nullable: true, description: 'Which of them.' }) where: OrderWhere | null,
    @Arg('orderBy', () => OrderOrderByEnum, { nullable: true, description: 'Newest first when left out.' }) orderBy: OrderOrderBy | null,
    @Ctx() context: OrdersContext,
  ) {
    const vendorId = context.viewer.userId ?? '';
    const visible = { vendorIds: { $contains: [vendorId] } };
    const toView = (row: OrderView['row']) => vendorViewOf(row, vendorId);
    return listOrders(context, { args, where: where ?? {}, orderBy: orderBy ?? 'NEWEST', visible, name: 'vendorOrders', toView });
  }

  @Authenticated()
  @Mutation(() => OrderCancelResult, { description: 'Cancels an order that has not left the house; OrderNotCancellable says why not.' })
  orderCancel(
    @Arg('input', () => OrderCancelInput, { description: 'The order to cancel.' }) input: OrderCancelInput,
    @Ctx() context: OrdersContext,
  ) {
    return context.mutate(orderCancel, input);
  }

  @FieldResolver(() => [OrderActEnum], { description: 'What may be asked for next; empty for who may not ask.' })
  async allowedTransitions(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    if (view.vendorId !== null) return [];
    return allowedActs(view.row, (await context.load(hasRevealed, view.id)) ?? false);
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Who bought.' })
  customer(@Root() { row }: OrderView) {
    return { id: row.customerId };
  }

  @FieldResolver(() => [OrderLine], { description: 'What was bought, at most 100 variants; a vendor sees their own.' })
  lines(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    return linesWithCurrency(view, context);
  }

  @FieldResolver(() => Money, { description: 'The lines before discounts, shipping and tax.' })
  async subtotal(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    return new Money(view.row.currency, (await totalsOf(view, context)).subtotalMinor);
  }

  @FieldResolver(() => Money, { description: 'What discounts take off.' })
  async discountTotal(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    return new Money(view.row.currency, (await totalsOf(view, context)).discountMinor);
  }

  @FieldResolver(() => Money, { description: 'What shipping costs.' })
  async shippingTotal(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    return new Money(view.row.currency, (await totalsOf(view, context)).shippingMinor);
  }

  @FieldResolver(() => Money, { description: 'Tax on top.' })
  async taxTotal(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    return new Money(view.row.currency, (await totalsOf(view, context)).taxMinor);
  }

  @FieldResolver(() => Money, { description: 'What the customer pays.' })
  async total(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    return new Money(view.row.currency, (await totalsOf(view, context)).totalMinor);
  }

  @FieldResolver(() => Money, { description: 'Money that is held or captured.' })
  async authorised(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    return new Money(view.row.currency, await shareOf(view, view.row.authorisedMinor, context));
  }

  @FieldResolver(() => Money, { description: 'Money that has been taken.' })
  async captured(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    return new Money(view.row.currency, await shareOf(view, view.row.capturedMinor, context));
  }

  @FieldResolver(() => Money, { description: 'Money that has gone back.' })
  async refunded(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    return new Money(view.row.currency, await shareOf(view, view.row.refundedMinor, context));
  }

  @FieldResolver(() => PostalAddress, {
    nullable: true,
    description: 'Where the parcels go; null without any, and for a vendor who sends none.',
  })
  async shippingAddress(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    const sendsParcels = view.vendorId === null || (await linesOf(view, context)).some((line) => line.kind === 'PHYSICAL');
    return sendsParcels ? view.row.shippingAddress : null;
  }

  @FieldResolver(() => [Unit], {
    description: 'The digital units that it bought, at most 500; empty for anybody but their owner and `orders:read`.',
  })
  async units(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    return view.vendorId === null ? ((await context.load(unitsOfOrder, view.id)) ?? []) : [];
  }

  @FieldResolver(() => [OrderHistoryEntry], {
    description: 'What happened to it, oldest first, the latest 200; for a vendor without payments, disputes and reasons.',
  })
  async history(@Root() view: OrderView, @Ctx() context: OrdersContext) {
    const entries = (await context.load(historyOfOrder, view.id)) ?? [];
    if (view.vendorId === null) return entries;
    const sellsUnits = (await linesOf(view, context)).some((line) => line.kind === 'DIGITAL_UNITS');
    return historyForVendor(entries, { sellsUnits });
  }

  @FieldResolver(() => [TimelineStep], {
    description: 'Every step of checkout, payment and delivery with its attempts; empty for a vendor.',
  })
  async timeline(@Root() { id, vendorId, row }: OrderView, @Ctx() context: OrdersContext) {
    const steps = vendorId === null ? ((await context.load(timelineOfOrder, id)) ?? []) : [];
    return steps.map((step) => ({ ...step, amount: step.amountMinor === null ? null : new Money(row.currency, step.amountMinor) }));
  }
}

async function linesWithCurrency(view: OrderView, context: OrdersContext) {
  const lines = await linesOf(view, context);
  return lines.map((line) => ({
    line,
    id: line.id,
    title: line.title,
    sku: line.sku,
    quantity: line.quantity,
    currency: view.row.currency,
  }));
}
