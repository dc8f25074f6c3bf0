import { mutationResult, PaymentClientActionKindEnum, TenderEnum } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { ClientAction } from '../provider/provider-name.ts';
import type { Tender } from './payment.ts';
import { PaymentNotFound, PaymentNotRetryable } from './payment-problems.ts';

@InputType({ description: 'Which payment to try again, and with what.' })
export class PaymentRetryInput {
  @Field(() => ID, { description: 'A payment of yours that failed, or that waits for you to pay otherwise.' }) paymentId!: string;
  @Field(() => TenderEnum, {
    nullable: true,
    description: 'WALLET or CARD; left out, WALLET where a wallet is named and else that of the last attempt.',
  })
  tender?: Tender | null;
  @Field(() => ID, { nullable: true, description: 'For WALLET: a wallet of yours in the currency of the payment.' }) walletId?:
    | string
    | null;
  @Field(() => ID, { nullable: true, description: 'For CARD: a saved card to charge at once; without one you pay at a page.' })
  paymentMethodId?: string | null;
  @Field(() => PaymentClientActionKindEnum, {
    nullable: true,
    description: 'For CARD: how the customer pays; HOSTED_PAGE when it is left out.',
  })
  clientMode?: ClientAction['kind'] | null;
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
