import { mutationResult } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { PaymentNotFound, PaymentNotRetryable } from './payment-problems.ts';

@InputType({ description: 'Which payment to try again, and from which wallet.' })
export class PaymentRetryInput {
  @Field(() => ID, { description: 'A failed payment of yours.' }) paymentId!: string;
  @Field(() => ID, { description: 'A wallet of yours in the currency of the payment.' }) walletId!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'A new attempt is under way; the payment shows how it goes.' })
export class PaymentRetried {
  readonly __typename = 'PaymentRetried';
  readonly paymentId: string;
  constructor(paymentId: string) {
    this.paymentId = paymentId;
  }
}

export const PaymentRetryResult = mutationResult('PaymentRetryResult', PaymentRetried, PaymentNotFound, PaymentNotRetryable);
