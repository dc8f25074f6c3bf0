import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Owned by users; payments adds the cards that they keep and what they put into their wallets. */
@Directive('@key(fields: "id")')
@ObjectType('User')
export class UserStub {
  @Field(() => ID) readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}
