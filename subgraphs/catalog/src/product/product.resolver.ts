import { Public } from '@tessera/service-kit/access';
import { TesseraError } from '@tessera/service-kit/errors';
import { CurrencyCodeScalar, Money } from '@tessera/service-kit/graphql';
import { ConnectionArgs } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { categoryById } from '../category/category.load.ts';
import { Category } from '../category/category.type.ts';
import { UserStub } from '../foreign/user.ts';
import type { CatalogContext } from '../services.ts';
import { ProductVariant } from '../variant/variant.type.ts';
import { catalogViewer } from './own-product.ts';
import type { ProductEntity } from './product.entity.ts';
import { productByReference, productBySlug, variantsOfProduct } from './product.load.ts';
import { isVisible, type PriceBands } from './product.ts';
import { Media, PriceRange, Product, ProductOption, Seo } from './product.type.ts';
import { listProducts, ProductConnection } from './product-list.ts';
import { type ProductOrder, ProductOrderBy, ProductWhere } from './product-where.type.ts';

const SEO_DESCRIPTION_LENGTH = 160;

@Resolver(() => Product)
export class ProductResolver {
  @Public()
  @Query(() => Product, { nullable: true, description: 'One product by id or by slug; null when there is none or it is not in the shop.' })
  async product(
    @Arg('id', () => ID, { nullable: true, description: 'Its id.' }) id: string | null,
    @Arg('slug', () => String, { nullable: true, description: 'Its slug; give this or the id.' }) slug: string | null,
    @Ctx() context: CatalogContext,
  ) {
    if (Boolean(id) === Boolean(slug)) throw new TesseraError('BAD_USER_INPUT', 'Give the id or the slug of the product, one of them.');
    const product = id ? await context.load(productByReference, id) : await context.load(productBySlug, slug ?? '');
    return product && isVisible(catalogViewer(context.viewer), product) ? product : null;
  }

  @Public()
  @Query(() => ProductConnection, { description: 'Products in the shop; a condition on status adds drafts of your own.' })
  products(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('where', () => ProductWhere, { nullable: true, description: 'Which products.' }) where: ProductWhere | null,
    @Arg('orderBy', () => ProductOrderBy, { nullable: true, description: 'In which order; NEWEST when left out.' })
    orderBy: ProductOrder | null,
    @Ctx() context: CatalogContext,
  ) {
    return listProducts(context, args, where ?? {}, orderBy ?? 'NEWEST');
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Who sells it.' })
  vendor(@Root() { vendorId }: ProductEntity): UserStub {
    return { id: vendorId };
  }

  @FieldResolver(() => Category, { nullable: true, description: 'Where it stands in the shop; null only for what is not published.' })
  category(@Root() { categoryId }: ProductEntity, @Ctx() context: CatalogContext) {
    return categoryId ? context.load(categoryById, categoryId) : null;
  }

  @FieldResolver(() => [Media], { description: 'Pictures, in the order to show.' })
  media(@Root() { media }: ProductEntity) {
    return media;
  }

  @FieldResolver(() => [ProductOption], { description: 'What can be chosen; empty where there is one variant only.' })
  options(@Root() { options }: ProductEntity) {
    return options;
  }

  @FieldResolver(() => [ProductVariant], { description: 'What can be bought, in the order to show; at most 100.' })
  async variants(@Root() { id }: ProductEntity, @Ctx() context: CatalogContext) {
    return (await context.load(variantsOfProduct, id)) ?? [];
  }

  @FieldResolver(() => Seo, { description: 'What search engines and previews show.' })
  seo(@Root() { seo, title, description }: ProductEntity): Seo {
    return { title: seo.title ?? title, description: seo.description ?? firstCharacters(description, SEO_DESCRIPTION_LENGTH) };
  }

  @FieldResolver(() => PriceRange, {
    nullable: true,
    description: 'What its variants cost in this currency; null when it is not sold in it.',
  })
  async priceRange(
    @Root() { id, priceBands }: ProductEntity,
    @Arg('currency', () => CurrencyCodeScalar, { nullable: true, description: 'The currency; that of the first price when left out.' })
    currency: string | null,
    @Ctx() context: CatalogContext,
  ) {
    return rangeIn(priceBands, currency ?? (await defaultCurrency(context, id)));
  }
}

function rangeIn(bands: PriceBands, currency: string | null): PriceRange | null {
  const band = currency ? bands[currency] : undefined;
  return band && currency ? { lowest: new Money(currency, BigInt(band.lowest)), highest: new Money(currency, BigInt(band.highest)) } : null;
}

async function defaultCurrency(context: CatalogContext, productId: string): Promise<string | null> {
  const variants = (await context.load(variantsOfProduct, productId)) ?? [];
  return variants.flatMap(({ prices }) => prices)[0]?.currency ?? null;
}

/** Whole characters: a cut through a surrogate pair would not be text any more. */
function firstCharacters(text: string, count: number): string {
  return [...text.slice(0, count * 2)].slice(0, count).join('');
}
