import { RequiresScopes } from '@tessera/service-kit/access';
import { CurrencyCodeScalar, Money } from '@tessera/service-kit/graphql';
import { Arg, type ClassType, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { productByReference, variantByReference } from '../product/product.load.ts';
import { priceIn } from '../product/product.ts';
import { Product } from '../product/product.type.ts';
import { answersProduct } from '../product/product-mutation.resolver.ts';
import type { CatalogContext } from '../services.ts';
import type { VariantEntity } from './variant.entity.ts';
import {
  Attribute,
  OptionValue,
  ProductVariant,
  VariantAdded,
  VariantAddInput,
  VariantAddResult,
  VariantPriceSet,
  VariantPriceSetInput,
  VariantPriceSetResult,
  VariantRemoved,
  VariantRemoveInput,
  VariantRemoveResult,
  VariantUpdated,
  VariantUpdateInput,
  VariantUpdateResult,
} from './variant.type.ts';
import { variantAdd } from './variant-add.ts';
import { variantPriceSet } from './variant-price-set.ts';
import { variantRemove } from './variant-remove.ts';
import { variantUpdate } from './variant-update.ts';

const VENDOR = [['catalog:write']] as const;

@Resolver(() => ProductVariant)
export class VariantResolver {
  @RequiresScopes(VENDOR)
  @Mutation(() => VariantAddResult, { description: 'Adds a variant to a product of your own; refusals: ProductNotFound, SkuTaken.' })
  variantAdd(@Arg('input', () => VariantAddInput, { description: 'The variant.' }) input: VariantAddInput, @Ctx() context: CatalogContext) {
    return context.mutate(variantAdd, input);
  }

  @RequiresScopes(VENDOR)
  @Mutation(() => VariantUpdateResult, {
    description: 'Changes what is given about a variant; refusals: ProductVariantNotFound, SkuTaken.',
  })
  variantUpdate(
    @Arg('input', () => VariantUpdateInput, { description: 'The changes.' }) input: VariantUpdateInput,
    @Ctx() context: CatalogContext,
  ) {
    return context.mutate(variantUpdate, input);
  }

  @RequiresScopes(VENDOR)
  @Mutation(() => VariantRemoveResult, {
    description:
      'Takes a variant out of sale; refusals: ProductVariantNotFound, ProductNotPublishable for the last one of a published product.',
  })
  variantRemove(
    @Arg('input', () => VariantRemoveInput, { description: 'The variant.' }) input: VariantRemoveInput,
    @Ctx() context: CatalogContext,
  ) {
    return context.mutate(variantRemove, input);
  }

  @RequiresScopes(VENDOR)
  @Mutation(() => VariantPriceSetResult, {
    description:
      'Sets all prices of a variant; refusals: ProductVariantNotFound, ProductNotPublishable for the last price of a published product.',
  })
  variantPriceSet(
    @Arg('input', () => VariantPriceSetInput, { description: 'The prices.' }) input: VariantPriceSetInput,
    @Ctx() context: CatalogContext,
  ) {
    return context.mutate(variantPriceSet, input);
  }

  @FieldResolver(() => Product, { description: 'What it is a variant of.' })
  product(@Root() { product }: VariantEntity, @Ctx() context: CatalogContext) {
    return context.load(productByReference, product.id);
  }

  @FieldResolver(() => Money, { nullable: true, description: 'What it costs; null when it is not sold in this currency.' })
  price(
    @Root() { prices }: VariantEntity,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: 'The currency; that of the first price when left out.' })
    currency: string | null,
  ) {
    const price = priceIn(prices, currency);
    return price && new Money(price.currency, BigInt(price.minor));
  }

  @FieldResolver(() => [Money], { description: 'What it costs in each currency that it is sold in, the default first.' })
  prices(@Root() { prices }: VariantEntity) {
    return prices.map(({ currency, minor }) => new Money(currency, BigInt(minor)));
  }

  @FieldResolver(() => [OptionValue], { description: 'What makes it this variant, in the order of the options of the product.' })
  optionValues(@Root() { optionValues }: VariantEntity) {
    return optionValues;
  }

  @FieldResolver(() => [Attribute], { description: 'Facts about it, in the order to show.' })
  attributes(@Root() { attributes }: VariantEntity) {
    return attributes;
  }
}

/** The stored outcome holds the id; the variant is read again for whoever asks now. */
function answersVariant(outcome: ClassType<{ readonly variantId: string }>) {
  @Resolver(() => outcome)
  class OutcomeResolver {
    @FieldResolver(() => ProductVariant, { description: 'The variant as it is now.' })
    variant(@Root() { variantId }: { readonly variantId: string }, @Ctx() context: CatalogContext) {
      return context.load(variantByReference, variantId);
    }
  }
  return OutcomeResolver;
}

export const variantOutcomeResolvers = [
  ...[VariantAdded, VariantUpdated, VariantPriceSet].map(answersVariant),
  answersProduct(VariantRemoved),
];
