import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Owned by users; orders adds what somebody has bought, is buying and owns. */
@Directive('@key(fields: "id")')
@ObjectType('User')
export class UserStub {
  @Field(() => ID) id!: string;
}
