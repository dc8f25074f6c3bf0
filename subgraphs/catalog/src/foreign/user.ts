import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Owned by users; here it is only the vendor of a product. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('User')
export class UserStub {
  @Field(() => ID) id!: string;
}
