import { Problem } from '@tessera/service-kit/graphql';
import { Directive, Field, ObjectType } from 'type-graphql';
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

@ObjectType({ implements: Problem, description: 'This platform takes no cards at the moment.' })
export class CardsNotAvailable extends Problem {
  readonly __typename = 'CardsNotAvailable';
  readonly code = 'CARDS_NOT_AVAILABLE';
  readonly isRetryable = true;
  readonly message = 'This platform takes no cards at the moment.';
}

/** The same type as in the ledger, letter by letter: composition wants shared types identical. */
@Directive('@shareable')
@ObjectType({ implements: Problem, description: 'Amount and wallets are of different currencies; nothing is ever converted.' })
export class CurrencyMismatch extends Problem {
  readonly __typename = 'CurrencyMismatch';
  readonly code = 'CURRENCY_MISMATCH';
  readonly isRetryable = false;
  readonly message = 'The amount must be in the currency of the payment.';
  override readonly path = ['input', 'amount', 'currency'];
}
