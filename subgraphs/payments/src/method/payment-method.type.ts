import { DateTime, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PaymentProviderEnum } from '../payment/payment.enums.ts';
import { CardsNotAvailable } from '../payment/payment-problems.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { PaymentMethodEntity, PaymentMethodState } from './payment-method.entity.ts';

const PaymentMethodStateEnum = {
  SETTING_UP: 'SETTING_UP',
  ACTIVE: 'ACTIVE',
  REMOVING: 'REMOVING',
  REMOVED: 'REMOVED',
  FAILED: 'FAILED',
} as const satisfies Record<PaymentMethodState, PaymentMethodState>;
registerEnumType(PaymentMethodStateEnum, {
  name: 'PaymentMethodState',
  description: 'Whether a saved card can be charged: only ACTIVE can.',
});

@ObjectType({ description: 'A card that its owner keeps for later; the number is with the provider alone.' })
export class PaymentMethod {
  @Field(() => ID, { description: 'Opaque id, starts with pmt_.' }) readonly id: string;
  @Field(() => PaymentProviderEnum, { description: 'Who keeps it.' }) readonly provider: ProviderName;
  @Field(() => PaymentMethodStateEnum, { description: 'Whether it can be charged.' }) readonly state: PaymentMethodState;
  @Field(() => String, { nullable: true, description: 'The brand, such as visa; null until it is ACTIVE.' }) readonly brand: string | null;
  @Field(() => String, { nullable: true, description: 'The last four digits; null until it is ACTIVE.' }) readonly last4: string | null;
  @Field(() => Int, { nullable: true, description: 'The month in which it expires, 1 to 12.' }) readonly expiresMonth: number | null;
  @Field(() => Int, { nullable: true, description: 'The year in which it expires, such as 2030.' }) readonly expiresYear: number | null;
  @Field(() => DateTime, { description: 'When it was asked to be kept.' }) readonly createdAt: Date;

  constructor(method: PaymentMethodEntity) {
    this.id = method.id;
    this.provider = method.provider;
    this.state = method.state;
    this.brand = method.brand ?? null;
    this.last4 = method.last4 ?? null;
    this.expiresMonth = method.expiresMonth ?? null;
    this.expiresYear = method.expiresYear ?? null;
    this.createdAt = method.createdAt;
  }
}

@InputType({ description: 'Nothing has to be said: the card is entered at the page of the provider.' })
export class PaymentMethodSaveInput {
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@InputType({ description: 'Which card to forget.' })
export class PaymentMethodRemoveInput {
  @Field(() => ID, { description: 'A saved card of yours.' }) paymentMethodId!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'A place for the card is made; it is ACTIVE once the card was entered at the page of its client action.' })
export class PaymentMethodSaveStarted {
  readonly __typename = 'PaymentMethodSaveStarted';
  readonly methodId: string;
  constructor(methodId: string) {
    this.methodId = methodId;
  }
}

@ObjectType({ description: 'The card is forgotten here at once, and at the provider right after.' })
export class PaymentMethodRemoved {
  readonly __typename = 'PaymentMethodRemoved';
  readonly methodId: string;
  constructor(methodId: string) {
    this.methodId = methodId;
  }
}

@ObjectType({ implements: Problem, description: 'There is no such saved card, or it is not yours: both answer alike.' })
export class PaymentMethodNotFound extends Problem {
  readonly __typename = 'PaymentMethodNotFound';
  readonly code = 'PAYMENT_METHOD_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such saved card.';
}

export const PaymentMethodSaveResult = mutationResult('PaymentMethodSaveResult', PaymentMethodSaveStarted, CardsNotAvailable);
export const PaymentMethodRemoveResult = mutationResult('PaymentMethodRemoveResult', PaymentMethodRemoved, PaymentMethodNotFound);
