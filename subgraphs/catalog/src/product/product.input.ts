import { Field, ID, InputType, Int } from 'type-graphql';
import { VariantInput } from '../variant/variant.type.ts';
import type { ProductKind } from './product.ts';
import { ProductKindEnum } from './product.type.ts';

const TITLE = 'The name to show, 1 to 200 characters.';
const DESCRIPTION = 'Plain text of at most 20,000 characters.';
const SLUG = 'The name in a URL: at most 80 of a-z, 0-9 and single hyphens.';
const CATEGORY = 'Where it stands in the shop; needed before it can be published.';
const MEDIA = 'At most 20 pictures, in the order to show.';
const OPTIONS = 'At most 5 things to choose, such as Size; every variant chooses one value of each.';
const SEO = 'What search engines show.';
const PRODUCT = 'The product, one of your own.';
const KEY = 'One per intent; a retry repeats it.';

@InputType({ description: 'A picture or film of a product.' })
export class MediaInput {
  @Field(() => String, { description: 'Where it is: an http or https URL of at most 2,000 characters.' }) url!: string;
  @Field(() => String, { description: 'What it shows, at most 300 characters.' }) alt!: string;
}

@InputType({ description: 'Something to choose about a product.' })
export class ProductOptionInput {
  @Field(() => String, { description: 'The name of the option, unique in the product, at most 60 characters.' }) name!: string;
  @Field(() => [String], { description: 'What can be chosen: 1 to 100 different values.' }) values!: string[];
}

@InputType({ description: 'What search engines and previews show; what is left out follows the product.' })
export class SeoInput {
  @Field(() => String, { nullable: true, description: 'At most 200 characters.' }) title?: string | null;
  @Field(() => String, { nullable: true, description: 'At most 500 characters.' }) description?: string | null;
}

@InputType({ description: 'A product to create as a draft.' })
export class ProductCreateInput {
  @Field(() => String, { description: TITLE }) title!: string;
  @Field(() => String, { nullable: true, description: DESCRIPTION }) description?: string | null;
  @Field(() => ProductKindEnum, { description: 'How it reaches its buyer; it cannot be changed later.' }) kind!: ProductKind;
  @Field(() => String, { nullable: true, description: `${SLUG} Made from the title when left out.` }) slug?: string | null;
  @Field(() => ID, { nullable: true, description: CATEGORY }) categoryId?: string | null;
  @Field(() => [MediaInput], { nullable: true, description: MEDIA }) media?: MediaInput[] | null;
  @Field(() => [ProductOptionInput], { nullable: true, description: OPTIONS }) options?: ProductOptionInput[] | null;
  @Field(() => SeoInput, { nullable: true, description: SEO }) seo?: SeoInput | null;
  @Field(() => [VariantInput], { nullable: true, description: 'At most 100 variants; more can be added later.' }) variants?:
    | VariantInput[]
    | null;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'What to change about a product; what is left out or null stays.' })
export class ProductUpdateInput {
  @Field(() => ID, { description: PRODUCT }) productId!: string;
  @Field(() => String, { nullable: true, description: TITLE }) title?: string | null;
  @Field(() => String, { nullable: true, description: DESCRIPTION }) description?: string | null;
  @Field(() => String, { nullable: true, description: SLUG }) slug?: string | null;
  @Field(() => ID, { nullable: true, description: CATEGORY }) categoryId?: string | null;
  @Field(() => [MediaInput], { nullable: true, description: MEDIA }) media?: MediaInput[] | null;
  @Field(() => [ProductOptionInput], { nullable: true, description: `${OPTIONS} Its variants must still fit.` }) options?:
    | ProductOptionInput[]
    | null;
  @Field(() => SeoInput, { nullable: true, description: SEO }) seo?: SeoInput | null;
  @Field(() => Int, { nullable: true, description: 'The version that you read: a change since then is answered with VersionConflict.' })
  expectedVersion?: number | null;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'The product to show to customers.' })
export class ProductPublishInput {
  @Field(() => ID, { description: PRODUCT }) productId!: string;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'The product to take out of sale.' })
export class ProductArchiveInput {
  @Field(() => ID, { description: PRODUCT }) productId!: string;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}
