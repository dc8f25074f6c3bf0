import { Directive, Field, ID, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id")')
@ObjectType('Payment')
export class PaymentStub {
  @Field(() => ID) readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}
