import { DateTime } from '@tessera/service-kit/graphql';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { PaymentAttemptStateEnum } from '../payment/payment.enums.ts';
import type { AttemptState } from '../payment/payment.ts';
import type { AttemptEntity } from './attempt.entity.ts';

@ObjectType({ description: 'One try to get the money of a payment.' })
export class PaymentAttempt {
  @Field(() => ID, { description: 'Opaque id, starts with att_.' }) readonly id: string;
  @Field(() => Int, { description: 'Counts the attempts of the payment, from 1.' }) readonly number: number;
  @Field(() => PaymentAttemptStateEnum, { description: 'Where the attempt is on its way.' }) readonly state: AttemptState;
  @Field(() => String, {
    nullable: true,
    description:
      'Why it is FAILED, such as INSUFFICIENT_FUNDS, WALLET_NOT_FOUND, WALLET_CLOSED, CURRENCY_MISMATCH or HOLD_EXPIRED; else null.',
  })
  readonly failureReason: string | null;
  @Field(() => DateTime, { description: 'When it began.' }) readonly createdAt: Date;
  readonly walletId: string | null;

  constructor(attempt: AttemptEntity) {
    this.id = attempt.id;
    this.number = attempt.number;
    this.state = attempt.state;
    this.failureReason = attempt.failureReason ?? null;
    this.createdAt = attempt.createdAt;
    this.walletId = attempt.walletId ?? null;
  }
}
