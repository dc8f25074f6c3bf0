import { DateTime, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';

@ObjectType({ description: 'Whether a variant can be had.' })
export class Availability {
  @Field(() => Boolean, { description: 'Whether at least one can be bought now.' }) isInStock!: boolean;
  @Field(() => Int, { nullable: true, description: 'How many can be bought now; for its vendor and administrators, else null.' }) quantity!:
    | number
    | null;
  @Field(() => Boolean, { description: 'Whether only a few are left.' }) lowStock!: boolean;
}

@ObjectType({ description: 'The stock of one variant.' })
export class StockItem {
  @Field(() => ID, { description: 'The id of the variant.' }) id!: string;
  @Field(() => Int, { description: 'Pieces in the house, reserved ones included.' }) onHand!: number;
  @Field(() => Int, { description: 'Pieces that orders have reserved.' }) reserved!: number;
  @Field(() => Int, { description: 'Pieces that can be bought now.' }) available!: number;
  @Field(() => Int, { description: 'From how many on the stock counts as low.' }) lowStockThreshold!: number;
  @Field(() => Boolean, { description: 'Whether no more than the threshold are left.' }) isLow!: boolean;
  @Field(() => DateTime, { description: 'When it last changed.' }) updatedAt!: Date;
}

@InputType({ description: 'Which stock to list; all that is given must hold.' })
export class StockWhere {
  @Field(() => Boolean, { nullable: true, description: 'Only what is low, or only what is not.' }) isLow?: boolean | null;
  @Field(() => [ID], { nullable: true, description: 'Of these variants only, at most 100.' }) variantIds?: string[] | null;
}

@InputType({ description: 'A change of stock: by a difference, or to a counted number; exactly one of the two.' })
export class StockAdjustInput {
  @Field(() => ID, { description: 'One of your own variants with physical pieces.' }) variantId!: string;
  @Field(() => Int, { nullable: true, description: 'How many more or, negative, fewer; up to 1,000,000 and not 0.' }) delta?: number | null;
  @Field(() => Int, { nullable: true, description: 'How many were counted, 0 to 1,000,000.' }) onHand?: number | null;
  @Field(() => String, { description: 'Kept in the journal, at most 200 characters.' }) reason!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

/** Outcomes hold ids and facts only: they are stored under the idempotency key and resolved again for each caller. */
@ObjectType({ description: 'The stock is changed.' })
export class StockAdjusted {
  readonly __typename = 'StockAdjusted';
  readonly variantId: string;
  @Field(() => Int, { description: 'By how many it changed.' }) readonly delta: number;
  constructor(variantId: string, delta: number) {
    this.variantId = variantId;
    this.delta = delta;
  }
}

@ObjectType({ implements: Problem, description: 'Orders have reserved more than would be left.' })
export class StockBelowReserved extends Problem {
  readonly __typename = 'StockBelowReserved';
  readonly code = 'STOCK_BELOW_RESERVED';
  readonly isRetryable = true;
  readonly message: string;
  @Field(() => Int, { description: 'How many are reserved: no fewer can be on hand.' }) readonly reserved: number;
  constructor(reserved: number) {
    super();
    this.reserved = reserved;
    this.message = `${reserved} are reserved by orders, so no fewer can be on hand.`;
  }
}

@ObjectType({ implements: Problem, description: 'There is no such variant, it is not on sale, or not yours to change: all answer alike.' })
export class VariantNotFound extends Problem {
  readonly __typename = 'VariantNotFound';
  readonly code = 'VARIANT_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such variant.';
  override readonly path: string[] = ['input', 'variantId'];
}

export const StockAdjustResult = mutationResult('StockAdjustResult', StockAdjusted, StockBelowReserved, VariantNotFound);
