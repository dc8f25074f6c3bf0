import { CurrencyCodeScalar, IdFilter, MinorUnits } from '@tessera/service-kit/graphql';
import { Field, InputType, registerEnumType } from 'type-graphql';
import type { ProductKind, ProductStatus } from './product.ts';
import { ProductKindEnum, ProductStatusEnum } from './product.type.ts';

@InputType({ description: 'A condition on the kind of a product; all that is given must hold.' })
export class ProductKindFilter {
  @Field(() => ProductKindEnum, { nullable: true, description: 'It is this one.' }) eq?: ProductKind | null;
  @Field(() => [ProductKindEnum], { nullable: true, description: 'It is one of these.' }) in?: ProductKind[] | null;
}

@InputType({ description: 'A condition on the status of a product; all that is given must hold.' })
export class ProductStatusFilter {
  @Field(() => ProductStatusEnum, { nullable: true, description: 'It is this one.' }) eq?: ProductStatus | null;
  @Field(() => [ProductStatusEnum], { nullable: true, description: 'It is one of these.' }) in?: ProductStatus[] | null;
}

@InputType({ description: 'A range of amounts in one currency, both ends included.' })
export class MoneyRange {
  @Field(() => CurrencyCodeScalar, { description: 'The currency of both ends.' }) currency!: string;
  @Field(() => MinorUnits, { nullable: true, description: 'At least this, in minor units.' }) gte?: bigint | null;
  @Field(() => MinorUnits, { nullable: true, description: 'At most this, in minor units.' }) lte?: bigint | null;
}

@InputType({ description: 'Conditions on products; all that is given must hold.' })
export class ProductWhere {
  @Field(() => [ProductWhere], { nullable: true, description: 'All of these hold; at most 20.' }) and?: ProductWhere[] | null;
  @Field(() => [ProductWhere], { nullable: true, description: 'At least one of these holds; at most 20.' }) or?: ProductWhere[] | null;
  @Field(() => ProductWhere, { nullable: true, description: 'This does not hold; nesting ends at 3 levels.' }) not?: ProductWhere | null;
  @Field(() => IdFilter, { nullable: true, description: 'Its category, or the category above that.' }) category?: IdFilter | null;
  @Field(() => ProductKindFilter, { nullable: true, description: 'How it reaches its buyer.' }) kind?: ProductKindFilter | null;
  @Field(() => ProductStatusFilter, {
    nullable: true,
    description: 'Who sees it; without this condition a list holds published products only, with it also drafts of your own.',
  })
  status?: ProductStatusFilter | null;
  @Field(() => IdFilter, { nullable: true, description: 'The user who sells it.' }) vendor?: IdFilter | null;
  @Field(() => MoneyRange, { nullable: true, description: 'The price of its cheapest variant in that currency.' })
  price?: MoneyRange | null;
  @Field(() => String, {
    nullable: true,
    description: 'Its title, description or variants hold all of these words, or words that start with them; 1 to 100 characters.',
  })
  text?: string | null;
}

export type ProductOrder = 'NEWEST' | 'OLDEST' | 'TITLE';

export const ProductOrderBy = { NEWEST: 'NEWEST', OLDEST: 'OLDEST', TITLE: 'TITLE' } as const satisfies Record<ProductOrder, ProductOrder>;
registerEnumType(ProductOrderBy, {
  name: 'ProductOrderBy',
  description: 'The order of a list of products.',
  valuesConfig: {
    NEWEST: { description: 'The latest created first.' },
    OLDEST: { description: 'The first created first.' },
    TITLE: { description: 'By title, from A to Z.' },
  },
});
