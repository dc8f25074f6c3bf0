import { DateTime, Money, mutationResult, Url } from '@tessera/service-kit/graphql';
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { CategoryNotFound, SlugTaken } from '../category/category.type.ts';
import { SkuTaken } from '../variant/variant.type.ts';
import { ProductNotFound, ProductNotPublishable, VersionConflict } from './product.problem.ts';
import type { ProductKind, ProductStatus } from './product.ts';

export const ProductKindEnum = { PHYSICAL: 'PHYSICAL', DIGITAL_UNITS: 'DIGITAL_UNITS' } as const satisfies Record<ProductKind, ProductKind>;
registerEnumType(ProductKindEnum, {
  name: 'ProductKind',
  description: 'How a product reaches its buyer.',
  valuesConfig: {
    PHYSICAL: { description: 'It is shipped.' },
    DIGITAL_UNITS: { description: 'Each piece is a secret, such as a licence key, which only its buyer may reveal.' },
  },
});

export const ProductStatusEnum = { DRAFT: 'DRAFT', PUBLISHED: 'PUBLISHED', ARCHIVED: 'ARCHIVED' } as const satisfies Record<
  ProductStatus,
  ProductStatus
>;
registerEnumType(ProductStatusEnum, {
  name: 'ProductStatus',
  description: 'Who sees a product.',
  valuesConfig: {
    DRAFT: { description: 'Only its vendor sees it.' },
    PUBLISHED: { description: 'Everybody sees it, and can buy it.' },
    ARCHIVED: { description: 'It is out of sale; orders of old still show it.' },
  },
});

@ObjectType({ description: 'A picture or film of a product.' })
export class Media {
  @Field(() => Url, { description: 'Where it is.' }) url!: string;
  @Field(() => String, { description: 'What it shows, for those who do not see it.' }) alt!: string;
}

@ObjectType({ description: 'Something to choose about a product, such as Size.' })
export class ProductOption {
  @Field(() => String, { description: 'The name of the option, unique in the product.' }) name!: string;
  @Field(() => [String], { description: 'What can be chosen, in the order to show.' }) values!: string[];
}

@ObjectType({ description: 'What search engines and previews show of a product.' })
export class Seo {
  @Field(() => String, { description: 'The title of the page; the title of the product where the vendor gave none.' }) title!: string;
  @Field(() => String, { description: 'The description of the page; the start of the description where the vendor gave none.' })
  description!: string;
}

@ObjectType({ description: 'What the cheapest and the dearest variant cost in one currency.' })
export class PriceRange {
  @Field(() => Money, { description: 'The price of the cheapest variant.' }) lowest!: Money;
  @Field(() => Money, { description: 'The price of the dearest variant; equal to the lowest where all cost the same.' }) highest!: Money;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'Something that a vendor sells, in one or more variants.' })
export class Product {
  @Field(() => ID, { description: 'Opaque and stable.' }) id!: string;
  @Field(() => String, { description: 'The name in a URL: unique among products.' }) slug!: string;
  @Field(() => String, { description: 'The name to show.' }) title!: string;
  @Field(() => String, { description: 'Plain text of several lines.' }) description!: string;
  @Field(() => ProductKindEnum, { description: 'How it reaches its buyer.' }) kind!: ProductKind;
  @Field(() => ProductStatusEnum, { description: 'Who sees it.' }) status!: ProductStatus;
  @Field(() => DateTime, { description: 'When it was created.' }) createdAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'When customers saw it first; null for what was never published.' })
  publishedAt!: Date | null;
  @Field(() => Int, { description: 'Grows with each change; give it to productUpdate as expectedVersion.' }) version!: number;
}

/** Outcomes hold ids and facts only: they are stored under the idempotency key and resolved again for each caller. */
@ObjectType({ description: 'The product is created, as a draft.' })
export class ProductCreated {
  readonly __typename = 'ProductCreated';
  constructor(readonly productId: string) {}
}

@ObjectType({ description: 'The product is changed.' })
export class ProductUpdated {
  readonly __typename = 'ProductUpdated';
  constructor(readonly productId: string) {}
}

@ObjectType({ description: 'Customers see the product.' })
export class ProductPublished {
  readonly __typename = 'ProductPublished';
  constructor(readonly productId: string) {}
}

@ObjectType({ description: 'The product is out of sale.' })
export class ProductArchived {
  readonly __typename = 'ProductArchived';
  constructor(readonly productId: string) {}
}

export const ProductCreateResult = mutationResult('ProductCreateResult', ProductCreated, CategoryNotFound, SlugTaken, SkuTaken);
export const ProductUpdateResult = mutationResult(
  'ProductUpdateResult',
  ProductUpdated,
  ProductNotFound,
  CategoryNotFound,
  SlugTaken,
  VersionConflict,
);
export const ProductPublishResult = mutationResult('ProductPublishResult', ProductPublished, ProductNotFound, ProductNotPublishable);
export const ProductArchiveResult = mutationResult('ProductArchiveResult', ProductArchived, ProductNotFound);
