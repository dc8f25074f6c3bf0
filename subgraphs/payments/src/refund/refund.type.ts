import { DateTime, Money } from '@tessera/service-kit/graphql';
import { Field, ID, ObjectType } from 'type-graphql';
import { RefundDestinationEnum, RefundStateEnum } from '../payment/payment.enums.ts';
import type { RefundEntity } from './refund.entity.ts';
import type { RefundDestination, RefundState } from './refund.ts';

@ObjectType({ description: 'Money of a payment on its way back.' })
export class Refund {
  @Field(() => ID, { description: 'Opaque id, starts with ref_.' }) readonly id: string;
  @Field(() => Money, { description: 'What goes back.' }) readonly amount: Money;
  @Field(() => RefundDestinationEnum, { description: 'Where it goes.' }) readonly destination: RefundDestination;
  @Field(() => RefundStateEnum, { description: 'Whether it has gone back.' }) readonly state: RefundState;
  @Field(() => String, { description: 'Why, in the words of whoever asked for it.' }) readonly reason: string;
  @Field(() => String, { nullable: true, description: 'Why it is FAILED, such as WALLET_NOT_FOUND or PAYMENT_VOIDED; else null.' })
  readonly failureReason: string | null;
  @Field(() => DateTime, { description: 'When it was asked for.' }) readonly createdAt: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'When it was known to have succeeded, or to have failed at once; null while it is PENDING.',
  })
  readonly settledAt: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the bank sent back what had arrived: it is FAILED since then, and may be given back by another refund; else null.',
  })
  readonly returnedAt: Date | null;
  @Field(() => Boolean, {
    description:
      'Whether it gives back money that came for an attempt that was over, such as a charge of a page that had been replaced. No part of Payment.captured and Payment.refunded.',
  })
  readonly isStray: boolean;
  readonly paymentId: string;
  readonly walletId: string | null;

  constructor(refund: RefundEntity, currency: string) {
    this.id = refund.id;
    this.amount = new Money(currency, refund.amountMinor);
    this.destination = refund.destination;
    this.state = refund.state;
    this.reason = refund.reason;
    this.failureReason = refund.failureReason ?? null;
    this.createdAt = refund.createdAt;
    this.settledAt = refund.settledAt ?? null;
    this.returnedAt = refund.returnedAt ?? null;
    this.isStray = Boolean(refund.strayAttemptId);
    this.paymentId = refund.paymentId;
    this.walletId = refund.walletId ?? null;
  }
}
