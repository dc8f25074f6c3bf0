import { DateTime, IdFilter } from '@tessera/service-kit/graphql';
import { Field, InputType } from 'type-graphql';
import { OrderStateEnum } from './order.enums.ts';
import type { OrderState } from './order.ts';

@InputType({ description: 'A condition on the state of an order; all that is given must hold.' })
export class OrderStateFilter {
  @Field(() => OrderStateEnum, { nullable: true, description: 'It is this one.' }) eq?: OrderState | null;
  @Field(() => [OrderStateEnum], { nullable: true, description: 'It is one of these.' }) in?: OrderState[] | null;
}

@InputType({ description: 'A range of time, both ends included.' })
export class OrderTimeRange {
  @Field(() => DateTime, { nullable: true, description: 'Not before this.' }) gte?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'Not after this.' }) lte?: Date | null;
}

@InputType({ description: 'Which orders to list; all that is given must hold.' })
export class OrderWhere {
  @Field(() => [OrderWhere], { nullable: true, description: 'All of these hold, at most 20.' }) and?: OrderWhere[] | null;
  @Field(() => [OrderWhere], { nullable: true, description: 'One of these holds, at most 20.' }) or?: OrderWhere[] | null;
  @Field(() => OrderWhere, { nullable: true, description: 'This does not hold.' }) not?: OrderWhere | null;
  @Field(() => OrderStateFilter, { nullable: true, description: 'Where the order is on its way.' }) state?: OrderStateFilter | null;
  @Field(() => OrderTimeRange, { nullable: true, description: 'When it was placed.' }) placedAt?: OrderTimeRange | null;
  @Field(() => IdFilter, { nullable: true, description: 'Who bought.' }) customer?: IdFilter | null;
  @Field(() => String, { nullable: true, description: 'The whole order number, such as T-7K2M9QX4ZB.' }) number?: string | null;
}
