import { mutationResult } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { PaymentNotFound } from './payment-problems.ts';

@InputType({ description: 'Which payment was looked at, and what came of it.' })
export class PaymentAttentionSettleInput {
  @Field(() => ID, { description: 'A payment that needs attention; for one that does not, nothing changes.' }) paymentId!: string;
  @Field(() => String, { description: 'What was done, for the books: 1 to 500 characters.' }) note!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'Nobody has to look at the payment any more.' })
export class PaymentAttentionSettled {
  readonly __typename = 'PaymentAttentionSettled';
  readonly paymentId: string;
  constructor(paymentId: string) {
    this.paymentId = paymentId;
  }
}

export const PaymentAttentionSettleResult = mutationResult('PaymentAttentionSettleResult', PaymentAttentionSettled, PaymentNotFound);
