import { RequiresScopes } from '@tessera/service-kit/access';
import { Arg, type ClassType, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { CatalogContext } from '../services.ts';
import { ProductArchiveInput, ProductCreateInput, ProductPublishInput, ProductUpdateInput } from './product.input.ts';
import { productByReference } from './product.load.ts';
import {
  Product,
  ProductArchived,
  ProductArchiveResult,
  ProductCreated,
  ProductCreateResult,
  ProductPublished,
  ProductPublishResult,
  ProductUpdated,
  ProductUpdateResult,
} from './product.type.ts';
import { productArchive } from './product-archive.ts';
import { productCreate } from './product-create.ts';
import { productPublish } from './product-publish.ts';
import { productUpdate } from './product-update.ts';

const VENDOR = [['catalog:write']] as const;

@Resolver()
export class ProductMutationResolver {
  @RequiresScopes(VENDOR)
  @Mutation(() => ProductCreateResult, { description: 'Creates a draft of your own; refusals: CategoryNotFound, SlugTaken, SkuTaken.' })
  productCreate(
    @Arg('input', () => ProductCreateInput, { description: 'The product.' }) input: ProductCreateInput,
    @Ctx() context: CatalogContext,
  ) {
    return context.mutate(productCreate, input);
  }

  @RequiresScopes(VENDOR)
  @Mutation(() => ProductUpdateResult, {
    description: 'Changes what is given; refusals: ProductNotFound, CategoryNotFound, SlugTaken, VersionConflict.',
  })
  productUpdate(
    @Arg('input', () => ProductUpdateInput, { description: 'The changes.' }) input: ProductUpdateInput,
    @Ctx() context: CatalogContext,
  ) {
    return context.mutate(productUpdate, input);
  }

  @RequiresScopes(VENDOR)
  @Mutation(() => ProductPublishResult, {
    description: 'Shows a draft, or an archived product again, to customers; refusals: ProductNotFound, ProductNotPublishable.',
  })
  productPublish(
    @Arg('input', () => ProductPublishInput, { description: 'The product.' }) input: ProductPublishInput,
    @Ctx() context: CatalogContext,
  ) {
    return context.mutate(productPublish, input);
  }

  @RequiresScopes(VENDOR)
  @Mutation(() => ProductArchiveResult, { description: 'Takes a product out of sale; refusal: ProductNotFound.' })
  productArchive(
    @Arg('input', () => ProductArchiveInput, { description: 'The product.' }) input: ProductArchiveInput,
    @Ctx() context: CatalogContext,
  ) {
    return context.mutate(productArchive, input);
  }
}

/** The stored outcome holds the id; the product is read again for whoever asks now. */
export function answersProduct(outcome: ClassType<{ readonly productId: string }>) {
  @Resolver(() => outcome)
  class OutcomeResolver {
    @FieldResolver(() => Product, { description: 'The product as it is now.' })
    product(@Root() { productId }: { readonly productId: string }, @Ctx() context: CatalogContext) {
      return context.load(productByReference, productId);
    }
  }
  return OutcomeResolver;
}

export const productOutcomeResolvers = [ProductCreated, ProductUpdated, ProductPublished, ProductArchived].map(answersProduct);
