import { Directive, Field, ID, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id")')
@ObjectType('User')
export class UserStub {
  @Field(() => ID) readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}
