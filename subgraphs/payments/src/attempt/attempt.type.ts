import { DateTime, TenderEnum } from '@tessera/service-kit/graphql';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { PaymentAttemptStateEnum, PaymentProviderEnum } from '../payment/payment.enums.ts';
import type { AttemptState, Tender } from '../payment/payment.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { AttemptEntity } from './attempt.entity.ts';

@ObjectType({ description: 'One try to get the money of a payment.' })
export class PaymentAttempt {
  @Field(() => ID, { description: 'Opaque id, starts with att_.' }) readonly id: string;
  @Field(() => Int, { description: 'Counts the attempts of the payment, from 1.' }) readonly number: number;
  @Field(() => PaymentAttemptStateEnum, { description: 'Where the attempt is on its way.' }) readonly state: AttemptState;
  @Field(() => String, {
    nullable: true,
    description:
      'Why it is FAILED, such as INSUFFICIENT_FUNDS, WALLET_NOT_FOUND, WALLET_CLOSED, CURRENCY_MISMATCH, HOLD_EXPIRED, CARD_DECLINED, SESSION_EXPIRED or REPLACED; else null.',
  })
  readonly failureReason: string | null;
  @Field(() => TenderEnum, { description: 'How this attempt was to be paid.' }) readonly tender: Tender;
  @Field(() => PaymentProviderEnum, { nullable: true, description: 'Who was to move the money; null for WALLET.' })
  readonly provider: ProviderName | null;
  @Field(() => String, {
    nullable: true,
    description: 'Why the last card was declined while the attempt stays open, such as INSUFFICIENT_FUNDS; another card may be tried.',
  })
  readonly lastDecline: string | null;
  @Field(() => String, { nullable: true, description: 'The brand of the card that paid, such as visa.' }) readonly cardBrand: string | null;
  @Field(() => String, { nullable: true, description: 'The last four digits of the card that paid.' }) readonly cardLast4: string | null;
  @Field(() => DateTime, { description: 'When it began.' }) readonly createdAt: Date;
  readonly walletId: string | null;

  constructor(attempt: AttemptEntity) {
    this.id = attempt.id;
    this.number = attempt.number;
    this.state = attempt.state;
    this.failureReason = attempt.failureReason ?? null;
    this.createdAt = attempt.createdAt;
    this.tender = attempt.tender;
    this.provider = attempt.provider ?? null;
    this.lastDecline = attempt.lastDecline ?? null;
    this.cardBrand = attempt.cardBrand ?? null;
    this.cardLast4 = attempt.cardLast4 ?? null;
    this.walletId = attempt.walletId ?? null;
  }
}
