import { MoneyInput, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { ProductNotFound, ProductNotPublishable } from '../product/product.problem.ts';

@ObjectType({ description: 'One choice that makes a variant: such as size XL.' })
export class OptionValue {
  @Field(() => String, { description: 'The name of the option, such as Size.' }) name!: string;
  @Field(() => String, { description: 'The chosen value, such as XL.' }) value!: string;
}

@ObjectType({ description: 'A fact about a variant, such as Material: cotton.' })
export class Attribute {
  @Field(() => String, { description: 'What the fact is about.' }) name!: string;
  @Field(() => String, { description: 'The fact.' }) value!: string;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'What is put into a cart: one choice of a product, with its own sku, prices and stock.' })
export class ProductVariant {
  @Field(() => ID, { description: 'Opaque and stable.' }) id!: string;
  @Field(() => String, { description: "The vendor's own number for it: unique per vendor." }) sku!: string;
  @Field(() => String, { description: 'What tells it from its siblings, such as Black / XL.' }) title!: string;
  @Field(() => Int, { nullable: true, description: 'Shipping weight in grams.' }) weightGrams!: number | null;
}

@InputType({ description: 'One choice of an option.' })
export class OptionValueInput {
  @Field(() => String, { description: 'The name of an option of the product.' }) name!: string;
  @Field(() => String, { description: 'One of the values of that option.' }) value!: string;
}

@InputType({ description: 'A fact about a variant.' })
export class AttributeInput {
  @Field(() => String, { description: 'What the fact is about, at most 60 characters.' }) name!: string;
  @Field(() => String, { description: 'The fact, at most 500 characters.' }) value!: string;
}

const SKU = 'Your own number for it: 1 to 64 letters, digits, dots, hyphens, slashes and underscores, unique among your variants.';
const TITLE = 'What tells it from its siblings, at most 200 characters.';
const PRICES = 'What it costs, one price per currency; the first is the default.';
const WEIGHT = 'Shipping weight in grams, 1 to 1,000,000.';
const OPTION_VALUES = 'One value for each option of the product; no two variants choose the same.';
const ATTRIBUTES = 'At most 50 facts, shown in this order.';
const KEY = 'One per intent; a retry repeats it.';

@InputType({ description: 'A variant of a product.' })
export class VariantInput {
  @Field(() => String, { description: SKU }) sku!: string;
  @Field(() => String, { nullable: true, description: `${TITLE} Made from the option values when left out.` }) title?: string | null;
  @Field(() => [MoneyInput], { nullable: true, description: PRICES }) prices?: MoneyInput[] | null;
  @Field(() => Int, { nullable: true, description: WEIGHT }) weightGrams?: number | null;
  @Field(() => [OptionValueInput], { nullable: true, description: OPTION_VALUES }) optionValues?: OptionValueInput[] | null;
  @Field(() => [AttributeInput], { nullable: true, description: ATTRIBUTES }) attributes?: AttributeInput[] | null;
}

@InputType({ description: 'A variant to add to a product.' })
export class VariantAddInput extends VariantInput {
  @Field(() => ID, { description: 'The product, one of your own.' }) productId!: string;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'What to change about a variant; what is left out or null stays.' })
export class VariantUpdateInput {
  @Field(() => ID, { description: 'The variant, of one of your own products.' }) variantId!: string;
  @Field(() => String, { nullable: true, description: SKU }) sku?: string | null;
  @Field(() => String, { nullable: true, description: TITLE }) title?: string | null;
  @Field(() => Int, { nullable: true, description: WEIGHT }) weightGrams?: number | null;
  @Field(() => [OptionValueInput], { nullable: true, description: OPTION_VALUES }) optionValues?: OptionValueInput[] | null;
  @Field(() => [AttributeInput], { nullable: true, description: ATTRIBUTES }) attributes?: AttributeInput[] | null;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'The variant to take out of sale.' })
export class VariantRemoveInput {
  @Field(() => ID, { description: 'The variant, of one of your own products.' }) variantId!: string;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'What a variant costs from now on.' })
export class VariantPriceSetInput {
  @Field(() => ID, { description: 'The variant, of one of your own products.' }) variantId!: string;
  @Field(() => [MoneyInput], {
    description: 'All prices, one per currency, the default first; it is no longer sold in a currency that is left out.',
  })
  prices!: MoneyInput[];
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

/** Outcomes hold ids and facts only: they are stored under the idempotency key and resolved again for each caller. */
@ObjectType({ description: 'The variant was added.' })
export class VariantAdded {
  readonly __typename = 'VariantAdded';
  constructor(readonly variantId: string) {}
}

@ObjectType({ description: 'The variant was changed.' })
export class VariantUpdated {
  readonly __typename = 'VariantUpdated';
  constructor(readonly variantId: string) {}
}

@ObjectType({ description: 'The variant is out of sale; old orders still show it.' })
export class VariantRemoved {
  readonly __typename = 'VariantRemoved';
  constructor(readonly productId: string) {}
}

@ObjectType({ description: 'The prices are set.' })
export class VariantPriceSet {
  readonly __typename = 'VariantPriceSet';
  constructor(readonly variantId: string) {}
}

@ObjectType({ implements: Problem, description: 'There is no such variant, or it is not of one of your products: both answer alike.' })
export class ProductVariantNotFound extends Problem {
  readonly __typename = 'ProductVariantNotFound';
  readonly code = 'VARIANT_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such variant.';
  override readonly path: string[] = ['input', 'variantId'];
}

@ObjectType({ implements: Problem, description: 'Another of your variants has this sku.' })
export class SkuTaken extends Problem {
  readonly __typename = 'SkuTaken';
  readonly code = 'SKU_TAKEN';
  readonly isRetryable = false;
  readonly message = 'Another of your variants has this sku.';
  @Field(() => String, { description: 'The sku that is taken.' }) readonly sku: string;
  constructor(sku: string) {
    super();
    this.sku = sku;
  }
}

export const VariantAddResult = mutationResult('VariantAddResult', VariantAdded, ProductNotFound, SkuTaken);
export const VariantUpdateResult = mutationResult('VariantUpdateResult', VariantUpdated, ProductVariantNotFound, SkuTaken);
export const VariantRemoveResult = mutationResult('VariantRemoveResult', VariantRemoved, ProductVariantNotFound, ProductNotPublishable);
export const VariantPriceSetResult = mutationResult(
  'VariantPriceSetResult',
  VariantPriceSet,
  ProductVariantNotFound,
  ProductNotPublishable,
);
