import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Owned by catalog; orders adds what is in stock of it. */
@Directive('@key(fields: "id")')
@ObjectType('ProductVariant')
export class ProductVariantStub {
  @Field(() => ID) id!: string;
}
