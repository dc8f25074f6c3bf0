import type { CurrencyCode } from '@tessera/schema/contract';
import { CurrencyCodeScalar, DateTime, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { VariantNotFound } from '../stock/stock.type.ts';
import { MAX_LINES } from './cart.ts';

@ObjectType({ description: 'What somebody is about to buy. Titles and prices are those of now.' })
export class Cart {
  @Field(() => ID, { description: 'Opaque and unguessable: for an anonymous cart it is the only key to it.' }) id!: string;
  @Field(() => CurrencyCodeScalar, { description: 'The currency of all its prices.' }) currency!: CurrencyCode;
  @Field(() => DateTime, { description: 'When its lines last changed.' }) updatedAt!: Date;
}

@ObjectType({ description: 'One variant in a cart.' })
export class CartLine {
  @Field(() => Int, { description: 'How many, 1 to 999.' }) quantity!: number;
}

const KEY = 'One per intent; a retry repeats it.';
const CART = 'The cart; left out, it is your own, which needs signing in.';

@InputType({ description: 'A variant to put into a cart.' })
export class CartLineAddInput {
  @Field(() => ID, { nullable: true, description: 'The cart; left out, it is your own or, for an anonymous caller, a new one.' }) cartId?:
    | string
    | null;
  @Field(() => ID, { description: 'The variant.' }) variantId!: string;
  @Field(() => Int, { nullable: true, description: 'How many more, 1 to 999; 1 when left out.' }) quantity?: number | null;
  @Field(() => CurrencyCodeScalar, {
    nullable: true,
    description: 'The currency of an empty or new cart; the first of the variant when left out.',
  })
  currency?: CurrencyCode | null;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'How many of a variant a cart shall hold.' })
export class CartLineSetInput {
  @Field(() => ID, { nullable: true, description: CART }) cartId?: string | null;
  @Field(() => ID, { description: 'The variant.' }) variantId!: string;
  @Field(() => Int, { description: 'How many, 1 to 999.' }) quantity!: number;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'A variant to take out of a cart.' })
export class CartLineRemoveInput {
  @Field(() => ID, { nullable: true, description: CART }) cartId?: string | null;
  @Field(() => ID, { description: 'The variant; taking out what is not there changes nothing.' }) variantId!: string;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'A cart to empty.' })
export class CartClearInput {
  @Field(() => ID, { nullable: true, description: CART }) cartId?: string | null;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

@InputType({ description: 'An anonymous cart to move into your own.' })
export class CartMergeInput {
  @Field(() => ID, { description: 'The anonymous cart; it is gone afterwards.' }) cartId!: string;
  @Field(() => ID, { nullable: true, description: KEY }) idempotencyKey?: string | null;
}

/** Outcomes hold ids and facts only: they are stored under the idempotency key and resolved again for each caller. */
@ObjectType({ description: 'The cart is changed.' })
export class CartChanged {
  readonly __typename = 'CartChanged';
  constructor(readonly cartId: string) {}
}

@ObjectType({ implements: Problem, description: 'There is no such cart, or it is not yours: both answer alike.' })
export class CartNotFound extends Problem {
  readonly __typename = 'CartNotFound';
  readonly code = 'CART_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such cart.';
  override readonly path: string[] = ['input', 'cartId'];
}

@ObjectType({ implements: Problem, description: 'The cart would hold more variants than a cart may.' })
export class CartFull extends Problem {
  readonly __typename = 'CartFull';
  readonly code = 'LIMIT_EXCEEDED';
  readonly isRetryable = false;
  readonly message = `A cart holds at most ${MAX_LINES} variants.`;
  @Field(() => Int, { description: 'How many variants a cart may hold.' }) readonly limit = MAX_LINES;
}

@ObjectType({ implements: Problem, description: 'Something is not sold in the currency: prices are never converted.' })
export class NotSoldInCurrency extends Problem {
  readonly __typename = 'NotSoldInCurrency';
  readonly code = 'CURRENCY_MISMATCH';
  readonly isRetryable = false;
  readonly message: string;
  @Field(() => CurrencyCodeScalar, { description: 'The currency that was asked for.' }) readonly currency: CurrencyCode;
  @Field(() => [ID], { description: 'The variants that are not sold in it.' }) readonly variantIds: string[];
  constructor(currency: CurrencyCode, variantIds: string[]) {
    super();
    this.currency = currency;
    this.variantIds = variantIds;
    this.message = `Not sold in ${currency}: ${variantIds.join(', ')}.`;
  }
}

export const CartLineAddResult = mutationResult(
  'CartLineAddResult',
  CartChanged,
  CartNotFound,
  VariantNotFound,
  NotSoldInCurrency,
  CartFull,
);
export const CartLineSetResult = mutationResult(
  'CartLineSetResult',
  CartChanged,
  CartNotFound,
  VariantNotFound,
  NotSoldInCurrency,
  CartFull,
);
export const CartLineRemoveResult = mutationResult('CartLineRemoveResult', CartChanged, CartNotFound);
export const CartClearResult = mutationResult('CartClearResult', CartChanged, CartNotFound);
export const CartMergeResult = mutationResult('CartMergeResult', CartChanged, CartNotFound, CartFull);
