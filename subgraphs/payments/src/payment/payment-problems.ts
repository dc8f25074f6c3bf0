import { Problem } from '@tessera/service-kit/graphql';
import { Field, ObjectType } from 'type-graphql';
import { PaymentStateEnum } from './payment.enums.ts';
import type { PaymentState } from './payment.ts';

@ObjectType({ implements: Problem, description: 'There is no such payment, or it is not yours: both answer alike.' })
export class PaymentNotFound extends Problem {
  readonly __typename = 'PaymentNotFound';
  readonly code = 'PAYMENT_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such payment.';
}

@ObjectType({
  implements: Problem,
  description:
    'The payment neither failed nor waits for the customer, or its order has stopped waiting for money, or there were too many attempts.',
})
export class PaymentNotRetryable extends Problem {
  readonly __typename = 'PaymentNotRetryable';
  readonly code = 'PAYMENT_NOT_RETRYABLE';
  readonly isRetryable = false;
  readonly message = 'Only a payment that failed or waits for you can be tried again, up to 20 times, while its order waits for money.';
  @Field(() => PaymentStateEnum, { description: 'Where the payment was on its way.' }) readonly state: PaymentState;
  constructor(state: PaymentState) {
    super();
    this.state = state;
  }
}
