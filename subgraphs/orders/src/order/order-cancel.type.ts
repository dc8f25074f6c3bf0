import { mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { OrderStateEnum } from './order.enums.ts';
import type { OrderState } from './order.ts';

@InputType({ description: 'The order to cancel.' })
export class OrderCancelInput {
  @Field(() => ID, { description: 'The order, one of your own.' }) orderId!: string;
  @Field(() => String, { nullable: true, description: 'Shown in the order history, at most 500 characters.' }) reason?: string | null;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

/** Outcomes hold ids and facts only: they are stored under the idempotency key and resolved again for each caller. */
@ObjectType({ description: 'The order is cancelled; stock and money go back.' })
export class OrderCancelled {
  readonly __typename = 'OrderCancelled';
  constructor(readonly orderId: string) {}
}

@ObjectType({
  implements: Problem,
  description: 'The order is too far on its way, or one of its secrets has been revealed; ask for a return instead.',
})
export class OrderNotCancellable extends Problem {
  readonly __typename = 'OrderNotCancellable';
  readonly code = 'ORDER_NOT_CANCELLABLE';
  readonly isRetryable = false;
  readonly message: string;
  @Field(() => OrderStateEnum, { description: 'Where the order is.' }) readonly state: OrderState;
  constructor(state: OrderState, why: 'STATE' | 'REVEALED') {
    super();
    this.state = state;
    this.message =
      why === 'STATE'
        ? `An order that is ${state} cannot be cancelled.`
        : 'A digital unit of this order has been revealed, so it cannot be cancelled.';
  }
}

@ObjectType({ implements: Problem, description: 'There is no such order, or it is not yours: both answer alike.' })
export class OrderNotFound extends Problem {
  readonly __typename = 'OrderNotFound';
  readonly code = 'ORDER_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such order.';
  override readonly path: string[] = ['input', 'orderId'];
}

export const OrderCancelResult = mutationResult('OrderCancelResult', OrderCancelled, OrderNotCancellable, OrderNotFound);
