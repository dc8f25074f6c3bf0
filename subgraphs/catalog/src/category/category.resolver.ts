import { Public, RequiresScopes } from '@tessera/service-kit/access';
import { TesseraError } from '@tessera/service-kit/errors';
import { isId } from '@tessera/service-kit/ids';
import { ConnectionArgs } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { listProducts, ProductConnection } from '../product/product-list.ts';
import { type ProductOrder, ProductOrderBy } from '../product/product-where.type.ts';
import type { CatalogContext } from '../services.ts';
import { CategoryEntity } from './category.entity.ts';
import { categoriesBelow, categoryById, childrenOfCategory } from './category.load.ts';
import { Category, CategorySaved, CategorySaveInput, CategorySaveResult } from './category.type.ts';
import { categorySave } from './category-save.ts';

@Resolver(() => Category)
export class CategoryResolver {
  @Public()
  @Query(() => Category, { nullable: true, description: 'One category by id or by slug; null when there is none.' })
  async category(
    @Arg('id', () => ID, { nullable: true, description: 'Its id.' }) id: string | null,
    @Arg('slug', () => String, { nullable: true, description: 'Its slug; give this or the id.' }) slug: string | null,
    @Ctx() context: CatalogContext,
  ) {
    if (Boolean(id) === Boolean(slug)) throw new TesseraError('BAD_USER_INPUT', 'Give the id or the slug of the category, one of them.');
    return id ? context.load(categoryById, id) : context.em.findOne(CategoryEntity, { slug: slug ?? '' });
  }

  @Public()
  @Query(() => [Category], { description: 'The categories of one level by name, at most 250: the top level, or what is below a category.' })
  async categories(
    @Arg('parent', () => ID, { nullable: true, description: 'The id of the category above; left out for the top level.' }) parent:
      | string
      | null,
    @Ctx() context: CatalogContext,
  ) {
    if (parent && !isId('category', parent)) return [];
    return categoriesBelow(context.em, parent ?? null);
  }

  @RequiresScopes([['catalog:admin']])
  @Mutation(() => CategorySaveResult, { description: 'Creates a category or changes one; refusals: CategoryNotFound, SlugTaken.' })
  categorySave(
    @Arg('input', () => CategorySaveInput, { description: 'The category.' }) input: CategorySaveInput,
    @Ctx() context: CatalogContext,
  ) {
    return context.mutate(categorySave, input);
  }

  @FieldResolver(() => Category, { nullable: true, description: 'The category above; null on the top level.' })
  parent(@Root() { parentId }: CategoryEntity, @Ctx() context: CatalogContext) {
    return parentId ? context.load(categoryById, parentId) : null;
  }

  @FieldResolver(() => [Category], { description: 'The categories below by name, at most 250.' })
  async children(@Root() { id }: CategoryEntity, @Ctx() context: CatalogContext) {
    return (await context.load(childrenOfCategory, id)) ?? [];
  }

  @FieldResolver(() => [Category], { description: 'The way from the top level to this category, itself included.' })
  async breadcrumbs(@Root() category: CategoryEntity, @Ctx() context: CatalogContext) {
    const parent = category.parentId ? await context.load(categoryById, category.parentId) : null;
    return parent ? [parent, category] : [category];
  }

  @FieldResolver(() => ProductConnection, { description: 'Products in the shop of this category and of those below.' })
  products(
    @Root() { id }: CategoryEntity,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('orderBy', () => ProductOrderBy, { nullable: true, description: 'In which order; NEWEST when left out.' })
    orderBy: ProductOrder | null,
    @Ctx() context: CatalogContext,
  ) {
    return listProducts(context, args, { category: { eq: id } }, orderBy ?? 'NEWEST');
  }
}

/** The stored outcome holds the id; the category is read again for whoever asks now. */
@Resolver(() => CategorySaved)
export class CategorySavedResolver {
  @FieldResolver(() => Category, { description: 'The category as it is now.' })
  category(@Root() { categoryId }: CategorySaved, @Ctx() context: CatalogContext) {
    return context.load(categoryById, categoryId);
  }
}
