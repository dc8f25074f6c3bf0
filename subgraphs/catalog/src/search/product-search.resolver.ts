import { createHash } from 'node:crypto';
import { Public } from '@tessera/service-kit/access';
import { ensure, TesseraError } from '@tessera/service-kit/errors';
import { decodeCursor, encodeCursor, pageOf, pageRequest } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, Int, Query, Resolver } from 'type-graphql';
import { ProductEntity } from '../product/product.entity.ts';
import type { Product } from '../product/product.type.ts';
import { productFilter } from '../product/product-list.ts';
import type { ProductWhere } from '../product/product-where.type.ts';
import type { CatalogContext } from '../services.ts';
import { ProductSearchArgs, ProductSearchConnection, ProductSuggestion } from './product-search.type.ts';
import type { SearchHit, SearchQuery } from './search-index.ts';

const MAX_TEXT = 200;
const MAX_SUGGESTIONS = 10;
const DEFAULT_SUGGESTIONS = 5;

@Resolver()
export class ProductSearchResolver {
  @Public()
  @Query(() => ProductSearchConnection, { description: 'Published products that hold all words of a text, the best first.' })
  async productSearch(@Args(() => ProductSearchArgs) { text, where = {}, ...args }: ProductSearchArgs, @Ctx() context: CatalogContext) {
    const query = await searchQuery(context, text, where);
    const page = pageRequest(args);
    const filterHash = hashOf({ text, where });
    const hits = await context.services.search.find(context.em, query, {
      limit: page.size + 1,
      after: page.cursor ? hitOf(context, page.cursor, filterHash) : null,
    });
    const products = await productsOf(context, hits);
    const connection = pageOf(hits, page, {
      node: ({ productId }) => ensure(products.get(productId), 'a product that was found') as Product, // the entity has all fields of the type
      cursor: ({ productId, rank }) => encodeCursor({ sortKey: [rank], id: productId, filterHash }, context.cursorSecret),
      countAll: () => context.services.search.count(context.em, query),
    });
    return new ProductSearchConnection(connection);
  }

  @Public()
  @Query(() => [ProductSuggestion], { description: 'Titles that the start of a search leads to, the best first.' })
  async productSuggestions(
    @Arg('text', () => String, { description: 'What was typed so far, at most 200 characters.' }) text: string,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 10; 5 when left out.' }) first: number | null,
    @Ctx() context: CatalogContext,
  ) {
    const limit = first ?? DEFAULT_SUGGESTIONS;
    if (limit < 1 || limit > MAX_SUGGESTIONS) throw new TesseraError('BAD_USER_INPUT', `first takes 1 to ${MAX_SUGGESTIONS}.`);
    const hits = await context.services.search.find(context.em, await searchQuery(context, text, {}), { limit, after: null });
    const products = await productsOf(context, hits);
    return hits
      .map(({ productId }) => ensure(products.get(productId), 'a product that was found'))
      .map((product) => ({ text: product.title, product }));
  }
}

/** The shop is searched, not the vendor's drawer: published products only, whoever asks. */
async function searchQuery(context: CatalogContext, text: string, where: ProductWhere): Promise<SearchQuery> {
  if (text.trim() === '' || text.length > MAX_TEXT) throw new TesseraError('BAD_USER_INPUT', `text takes 1 to ${MAX_TEXT} characters.`);
  return { text, where: { $and: [{ status: 'PUBLISHED' }, await productFilter(context, where)] } };
}

async function productsOf({ em }: CatalogContext, hits: readonly SearchHit[]): Promise<ReadonlyMap<string, ProductEntity>> {
  if (hits.length === 0) return new Map();
  const rows = await em.find(ProductEntity, { id: { $in: hits.map(({ productId }) => productId) } });
  return new Map(rows.map((row) => [row.id, row]));
}

function hitOf({ cursorSecret }: CatalogContext, cursor: string, filterHash: string): SearchHit {
  const { sortKey, id } = decodeCursor(cursor, filterHash, cursorSecret);
  return { productId: id, rank: Number(sortKey[0]) };
}

function hashOf(filter: object): string {
  const text = JSON.stringify(filter, (_key, value: unknown) => (typeof value === 'bigint' ? `n${value}` : value));
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
