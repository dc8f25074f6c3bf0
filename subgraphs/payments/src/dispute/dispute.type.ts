import { DateTime, Money } from '@tessera/service-kit/graphql';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { DisputeEntity } from './dispute.entity.ts';
import type { DisputeState } from './dispute.ts';

const DisputeStateEnum = { OPEN: 'OPEN', WON: 'WON', LOST: 'LOST' } as const satisfies Record<DisputeState, DisputeState>;
registerEnumType(DisputeStateEnum, {
  name: 'DisputeState',
  description: 'How a dispute stands: OPEN until the bank has decided; WON when the money is back with the platform, LOST when it is not.',
});

@ObjectType({ description: "Money of a payment that the customer's bank took back." })
export class Dispute {
  @Field(() => ID, { description: 'Opaque id, starts with dsp_.' }) readonly id: string;
  @Field(() => Money, { description: 'What is disputed.' }) readonly amount: Money;
  @Field(() => DisputeStateEnum, { description: 'How it stands.' }) readonly state: DisputeState;
  @Field(() => String, { description: "Why, in the provider's words, such as FRAUDULENT or PRODUCT_NOT_RECEIVED." })
  readonly reason: string;
  @Field(() => DateTime, { nullable: true, description: 'Until when evidence may be sent to the provider; null where none is asked for.' })
  readonly evidenceDueAt: Date | null;
  @Field(() => DateTime, { description: 'When it began.' }) readonly openedAt: Date;
  @Field(() => DateTime, { nullable: true, description: 'When it was known to be won or lost; null while it is OPEN.' })
  readonly closedAt: Date | null;
  readonly charged: Money;

  constructor(dispute: DisputeEntity, currency: string) {
    this.id = dispute.id;
    this.amount = new Money(currency, dispute.amountMinor);
    this.state = dispute.state;
    this.reason = dispute.reason;
    this.evidenceDueAt = dispute.evidenceDueAt ?? null;
    this.openedAt = dispute.openedAt;
    this.closedAt = dispute.closedAt ?? null;
    this.charged = new Money(currency, dispute.feeMinor);
  }
}
