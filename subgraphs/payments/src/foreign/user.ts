import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Owned by users; here it is only the customer of a payment. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('User')
export class UserStub {
  @Field(() => ID) readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}
