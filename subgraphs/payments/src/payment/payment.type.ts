import { DateTime, Money, PaymentClientActionKindEnum, TenderEnum, Url } from '@tessera/service-kit/graphql';
import { connectionTypes } from '@tessera/service-kit/pagination';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { ClientAction } from '../provider/provider-name.ts';
import type { PaymentEntity } from './payment.entity.ts';
import { PaymentStateEnum } from './payment.enums.ts';
import type { PaymentState, Tender } from './payment.ts';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'The money of one order, or of one top-up, on its way; visible to its customer and with payments:read.' })
export class Payment {
  @Field(() => ID, { description: 'Opaque id, starts with pay_.' }) readonly id: string;
  @Field(() => TenderEnum, { description: 'How the customer pays: that of the latest attempt.' }) readonly tender: Tender;
  @Field(() => PaymentStateEnum, { description: 'Where the payment is on its way.' }) readonly state: PaymentState;
  @Field(() => String, {
    nullable: true,
    description:
      'Why it is FAILED or VOIDED: INSUFFICIENT_FUNDS, WALLET_NOT_FOUND, WALLET_CLOSED, CURRENCY_MISMATCH, HOLD_EXPIRED; for cards CARD_DECLINED, AUTHENTICATION_REQUIRED, AMOUNT_TOO_SMALL, SESSION_EXPIRED, RISK_BLOCKED, CARDS_NOT_AVAILABLE, …; else null.',
  })
  readonly failureReason: string | null;
  @Field(() => Money, { description: 'What is to be paid.' }) readonly amount: Money;
  @Field(() => Money, { description: 'What was taken from the customer.' }) readonly captured: Money;
  @Field(() => Money, { description: 'What has gone back to the customer.' }) readonly refunded: Money;
  @Field(() => Money, { description: 'What is in open disputes or was lost in one.' }) readonly disputed: Money;
  @Field(() => DateTime, { description: 'When the order gives up waiting for money: until then paymentRetry may help.' })
  readonly deadline: Date;
  @Field(() => DateTime, { description: 'When it was asked for.' }) readonly createdAt: Date;
  readonly orderId: string | null;
  readonly customerId: string;
  readonly isAttentionNeeded: boolean;
  readonly whyAttention: string | null;

  constructor(payment: PaymentEntity) {
    const { currency } = payment;
    this.id = payment.id;
    this.tender = payment.tender;
    this.state = payment.state;
    this.failureReason = payment.state === 'FAILED' || payment.state === 'VOIDED' ? (payment.failureReason ?? null) : null;
    this.amount = new Money(currency, payment.amountMinor);
    this.captured = new Money(currency, payment.capturedMinor);
    this.refunded = new Money(currency, payment.refundedMinor);
    this.disputed = new Money(currency, payment.disputedMinor);
    this.deadline = payment.deadline;
    this.createdAt = payment.createdAt;
    this.orderId = payment.orderId ?? null;
    this.customerId = payment.customerId;
    this.isAttentionNeeded = payment.needsAttention;
    this.whyAttention = payment.attentionReason ?? null;
  }
}

export const PaymentConnection = connectionTypes('Payment', () => Payment);

@ObjectType({ description: "What the customer's client has to do before the payment can go on." })
export class PaymentClientAction implements ClientAction {
  @Field(() => PaymentClientActionKindEnum, { description: 'What to do.' }) readonly kind!: ClientAction['kind'];
  @Field(() => Url, { nullable: true, description: 'The page of the provider, for HOSTED_PAGE.' }) readonly url!: string | null;
  @Field(() => String, { nullable: true, description: "For the provider's script, for CONFIRM_IN_PAGE; only the customer sees it." })
  readonly clientSecret!: string | null;
  @Field(() => String, { nullable: true, description: "The platform's public key at the provider, for CONFIRM_IN_PAGE." })
  readonly publishableKey!: string | null;
}
