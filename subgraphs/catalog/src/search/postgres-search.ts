import { raw } from '@mikro-orm/core';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { ProductEntity } from '../product/product.entity.ts';
import type { VariantEntity } from '../variant/variant.entity.ts';
import type { Condition, SearchHit, SearchIndex, SearchQuery } from './search-index.ts';
import { plainText, prefixQuery } from './search-text.ts';

/** Words as they are written, or their English stems: `runs` finds `running`. */
const QUERY = `(to_tsquery('simple', ?) || to_tsquery('english', ?))`;
const MATCHES = `select match.product_id from product_search match where match.document @@ ${QUERY}`;
/** As a list that is read first: the planner takes the start of a word for frequent, and would rather read every product. */
const FOUND = `select unnest(array(${MATCHES}))`;
/** A whole number, so that it survives a cursor unchanged. */
const RANK = `(select round(ts_rank(found.document, ${QUERY}) * 1000000)::int from product_search found where found.product_id = p.id)`;

/** Full text search in the catalog's own PostgreSQL: prefixes and English stems, no typo tolerance. */
export function createPostgresSearch(): SearchIndex {
  return { put, remove, find, count, condition };
}

async function put(
  em: EntityManager,
  { product, variants }: { readonly product: ProductEntity; readonly variants: readonly VariantEntity[] },
): Promise<void> {
  const details = variants.flatMap(({ sku, title, attributes }) => [sku, title, ...attributes.map(({ value }) => value)]);
  await rawSql(
    em,
    `insert into product_search (product_id, document) values ($1, ${weighted('$2', 'A')} || ${weighted('$3', 'B')} || ${weighted('$4', 'C')})
     on conflict (product_id) do update set document = excluded.document`,
    [product.id, plainText(product.title), plainText(details.join(' ')), plainText(product.description)],
  );
}

function weighted(placeholder: string, weight: 'A' | 'B' | 'C'): string {
  return `setweight(to_tsvector('simple', ${placeholder}) || to_tsvector('english', ${placeholder}), '${weight}')`;
}

async function remove(em: EntityManager, productId: string): Promise<void> {
  await rawSql(em, 'delete from product_search where product_id = $1', [productId]);
}

async function find(
  em: EntityManager,
  query: SearchQuery,
  { limit, after }: { readonly limit: number; readonly after: SearchHit | null },
): Promise<SearchHit[]> {
  const words = prefixQuery(query.text);
  if (!words) return [];
  const matches = matching(em, query, words).select(['p.id', raw(`${RANK} as rank`, [words, words])]);
  if (after)
    matches.andWhere(
      raw(`(${RANK} < ? or (${RANK} = ? and p.id > ?))`, [words, words, after.rank, words, words, after.rank, after.productId]),
    );
  const rows = await matches
    .orderBy([{ [raw('rank')]: 'desc' }, { id: 'asc' }])
    .limit(limit)
    .execute<{ id: string; rank: number }[]>('all');
  return rows.map(({ id, rank }) => ({ productId: id, rank }));
}

async function count(em: EntityManager, query: SearchQuery): Promise<number> {
  const words = prefixQuery(query.text);
  return words ? matching(em, query, words).getCount() : 0;
}

function matching(em: EntityManager, { where }: SearchQuery, words: string) {
  return em
    .createQueryBuilder(ProductEntity, 'p')
    .where(where as never) // any filter of products: the builder's overloads want a literal
    .andWhere(raw(`p.id in (${MATCHES})`, [words, words]));
}

function condition(text: string): Condition {
  const words = prefixQuery(text);
  if (!words) return { holds: { id: { $in: [] } }, fails: { id: { $ne: '' } } };
  return { holds: { id: { $in: raw(FOUND, [words, words]) } }, fails: { id: { $nin: raw(FOUND, [words, words]) } } };
}
