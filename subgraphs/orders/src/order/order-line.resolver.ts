import { Money } from '@tessera/service-kit/graphql';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { UserStub } from '../foreign/user.type.ts';
import { ProductVariantStub } from '../foreign/variant.type.ts';
import type { OrdersContext } from '../services.ts';
import type { OrderLineEntity } from './order.entity.ts';
import { Order, OrderLine } from './order.type.ts';
import { visibleOrder } from './order.view.ts';
import { OrderCancelled } from './order-cancel.type.ts';

interface LineView {
  readonly line: OrderLineEntity;
  readonly currency: string;
}

@Resolver(() => OrderLine)
export class OrderLineResolver {
  @FieldResolver(() => ProductVariantStub, {
    nullable: true,
    description: 'The variant as it is today; null when the catalog cannot be asked.',
  })
  variant(@Root() { line }: LineView) {
    return { id: line.variantId };
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Who sells it.' })
  vendor(@Root() { line }: LineView) {
    return { id: line.vendorId };
  }

  @FieldResolver(() => Money, { description: 'The price of one, as it was.' })
  unitPrice(@Root() { line, currency }: LineView) {
    return new Money(currency, line.unitMinor);
  }

  @FieldResolver(() => Money, { description: 'The price of all of them.' })
  total(@Root() { line, currency }: LineView) {
    return new Money(currency, line.unitMinor * BigInt(line.quantity));
  }
}

/** The stored outcome holds the id; the order is read again for whoever asks now. */
@Resolver(() => OrderCancelled)
export class OrderCancelledResolver {
  @FieldResolver(() => Order, { nullable: true, description: 'The order as it is now.' })
  order(@Root() { orderId }: OrderCancelled, @Ctx() context: OrdersContext) {
    return context.load(visibleOrder, orderId);
  }
}
