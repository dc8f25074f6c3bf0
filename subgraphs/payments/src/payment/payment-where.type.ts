import { DateTime } from '@tessera/service-kit/graphql';
import { Field, ID, InputType } from 'type-graphql';
import { PaymentStateEnum } from './payment.enums.ts';
import type { PaymentState } from './payment.ts';

@InputType({ description: 'Which ids fit; all that is given must hold.' })
export class PaymentIdFilter {
  @Field(() => ID, { nullable: true, description: 'Exactly this one.' }) eq?: string | null;
  @Field(() => [ID], { nullable: true, description: 'One of these, at most 100.' }) in?: string[] | null;
}

@InputType({ description: 'Which states fit; all that is given must hold.' })
export class PaymentStateFilter {
  @Field(() => PaymentStateEnum, { nullable: true, description: 'Exactly this one.' }) eq?: PaymentState | null;
  @Field(() => [PaymentStateEnum], { nullable: true, description: 'One of these, at most 100.' }) in?: PaymentState[] | null;
}

@InputType({ description: 'Which instants fit; all that is given must hold.' })
export class PaymentTimeFilter {
  @Field(() => DateTime, { nullable: true, description: 'At this instant or later.' }) gte?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'At this instant or earlier.' }) lte?: Date | null;
}

@InputType({ description: 'Which payments fit; all that is given must hold, nested at most 3 deep.' })
export class PaymentWhere {
  @Field(() => [PaymentWhere], { nullable: true, description: 'All of these hold, at most 20.' }) and?: PaymentWhere[] | null;
  @Field(() => [PaymentWhere], { nullable: true, description: 'One of these holds, at most 20.' }) or?: PaymentWhere[] | null;
  @Field(() => PaymentWhere, { nullable: true, description: 'This does not hold.' }) not?: PaymentWhere | null;
  @Field(() => PaymentIdFilter, { nullable: true, description: 'Its order.' }) orderId?: PaymentIdFilter | null;
  @Field(() => PaymentIdFilter, { nullable: true, description: 'Its customer.' }) customerId?: PaymentIdFilter | null;
  @Field(() => PaymentStateFilter, { nullable: true, description: 'Where it is on its way.' }) state?: PaymentStateFilter | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether a person has to look at it.' }) needsAttention?: boolean | null;
  @Field(() => PaymentTimeFilter, { nullable: true, description: 'When the order asked for it.' }) createdAt?: PaymentTimeFilter | null;
}
