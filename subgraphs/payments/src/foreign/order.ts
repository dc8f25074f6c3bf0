import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Owned by orders; payments adds how it is paid. */
@Directive('@key(fields: "id")')
@ObjectType('Order')
export class OrderStub {
  @Field(() => ID) readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}
