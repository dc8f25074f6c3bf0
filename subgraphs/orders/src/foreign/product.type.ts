import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Owned by catalog; here it is only what a unit is of. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Product')
export class ProductStub {
  @Field(() => ID) id!: string;
}
