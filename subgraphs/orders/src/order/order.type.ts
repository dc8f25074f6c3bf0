import { DateTime, Money } from '@tessera/service-kit/graphql';
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import type { StepName, StepState } from '../saga/saga.ts';
import type { HistoryKind } from './history.ts';
import { OrderHistoryKindEnum, OrderStateEnum, TimelineStepNameEnum, TimelineStepStateEnum } from './order.enums.ts';
import type { OrderState } from './order.ts';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A purchase: lines, money and delivery. A vendor sees their own lines of it, and amounts for those alone.' })
export class Order {
  @Field(() => ID, { description: 'Opaque and stable.' }) id!: string;
  @Field(() => String, { description: 'The number to tell people, such as T-7K2M9QX4ZB.' }) number!: string;
  @Field(() => OrderStateEnum, { description: 'Where the order is on its way.' }) state!: OrderState;
  @Field(() => DateTime, { description: 'When it was placed.' }) placedAt!: Date;
  @Field(() => DateTime, { description: 'Until when it waits for its money.' }) expiresAt!: Date;
}

@ObjectType({ description: 'One variant in an order, as it was when it was bought.' })
export class OrderLine {
  @Field(() => ID, { description: 'Opaque and stable.' }) id!: string;
  @Field(() => String, { description: 'What was bought.' }) title!: string;
  @Field(() => String, { description: "The vendor's number for it." }) sku!: string;
  @Field(() => Int, { description: 'How many.' }) quantity!: number;
}

@ObjectType({ description: 'Something that happened to an order.' })
export class OrderHistoryEntry {
  @Field(() => DateTime, { description: 'When it happened.' }) at!: Date;
  @Field(() => OrderHistoryKindEnum, { description: 'What happened.' }) kind!: HistoryKind;
  @Field(() => OrderStateEnum, { description: 'Where the order was afterwards.' }) state!: OrderState;
  @Field(() => String, { nullable: true, description: 'The reason, where one was given.' }) note!: string | null;
}

@ObjectType({ description: 'One step between checkout and delivery: how often it was tried, how it ended and the money that it moves.' })
export class TimelineStep {
  @Field(() => TimelineStepNameEnum, { description: 'Which step.' }) name!: StepName;
  @Field(() => TimelineStepStateEnum, { description: 'How far it has come.' }) state!: StepState;
  @Field(() => Int, { description: 'How often it was tried.' }) attempts!: number;
  @Field(() => Boolean, { description: 'Whether it undoes an earlier step.' }) isCompensation!: boolean;
  @Field(() => Money, { nullable: true, description: 'The money that it moves.' }) amount!: Money | null;
  @Field(() => String, { nullable: true, description: 'What to know about how it ended.' }) note!: string | null;
  @Field(() => String, { nullable: true, description: 'The trace that it ran in.' }) traceId!: string | null;
  @Field(() => DateTime, { description: 'When it was first tried.' }) startedAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'When it ended; null while it is open.' }) finishedAt!: Date | null;
}
