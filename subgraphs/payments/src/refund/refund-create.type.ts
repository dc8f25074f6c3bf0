import { Money, MoneyInput, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { PaymentStateEnum, RefundDestinationEnum } from '../payment/payment.enums.ts';
import type { PaymentState } from '../payment/payment.ts';
import { CurrencyMismatch, PaymentNotFound } from '../payment/payment-problems.ts';
import type { RefundDestination } from './refund.ts';

@InputType({ description: 'What to give back of a payment.' })
export class RefundCreateInput {
  @Field(() => ID, { description: 'A captured payment.' }) paymentId!: string;
  @Field(() => MoneyInput, {
    nullable: true,
    description: 'How much, in the currency of the payment; all that is left when it is left out.',
  })
  amount?: MoneyInput | null;
  @Field(() => RefundDestinationEnum, {
    nullable: true,
    description:
      'Where to: the way it came (ORIGINAL, also when it is left out), or a wallet of the customer (WALLET); for a payment from a wallet these are one.',
  })
  destination?: RefundDestination | null;
  @Field(() => String, { description: 'Why, for the customer and the books: 1 to 500 characters.' }) reason!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'The refund is under way; it shows how it goes.' })
export class RefundCreated {
  readonly __typename = 'RefundCreated';
  readonly refundId: string;
  constructor(refundId: string) {
    this.refundId = refundId;
  }
}

@ObjectType({
  implements: Problem,
  description: 'Nothing was captured, or all of it has gone back, or the payment has 100 refunds already.',
})
export class PaymentNotRefundable extends Problem {
  readonly __typename = 'PaymentNotRefundable';
  readonly code = 'PAYMENT_NOT_REFUNDABLE';
  readonly isRetryable = false;
  readonly message = 'There is nothing to give back of this payment.';
  @Field(() => PaymentStateEnum, { description: 'Where the payment was on its way.' }) readonly state: PaymentState;
  constructor(state: PaymentState) {
    super();
    this.state = state;
  }
}

@ObjectType({ implements: Problem, description: 'More than is left of what was captured; refunds under way count as given back.' })
export class RefundExceedsCaptured extends Problem {
  readonly __typename = 'RefundExceedsCaptured';
  readonly code = 'REFUND_EXCEEDS_CAPTURED';
  readonly isRetryable = false;
  readonly message = 'That is more than is left of what was captured.';
  @Field(() => Money, { description: 'What could be given back.' }) readonly refundable: Money;
  constructor(currency: string, refundableMinor: bigint) {
    super();
    this.refundable = new Money(currency, refundableMinor);
  }
}

export const RefundCreateResult = mutationResult(
  'RefundCreateResult',
  RefundCreated,
  PaymentNotFound,
  PaymentNotRefundable,
  RefundExceedsCaptured,
  CurrencyMismatch,
);
