import type { FilterQuery } from '@mikro-orm/core';
import type { EntityManager } from '@tessera/service-kit/persistence';
import type { ProductEntity } from '../product/product.entity.ts';
import type { VariantEntity } from '../variant/variant.entity.ts';

export interface SearchHit {
  readonly productId: string;
  /** The greater, the better; equal for the same text and product until the product changes. */
  readonly rank: number;
}

export interface SearchQuery {
  readonly text: string;
  /** Which products may be found. */
  readonly where: FilterQuery<ProductEntity>;
}

/** A condition of a list of products, and its opposite: stores disagree on NOT over what is missing. */
export interface Condition {
  readonly holds: FilterQuery<ProductEntity>;
  readonly fails: FilterQuery<ProductEntity>;
}

/** The seam to full text search over published products and drafts; who may see which is said by `where`. Writes join the caller's transaction, so the index is never behind the shop. */
export interface SearchIndex {
  /** Adds or replaces a product that somebody may list. */
  put(em: EntityManager, document: { readonly product: ProductEntity; readonly variants: readonly VariantEntity[] }): Promise<void>;
  remove(em: EntityManager, productId: string): Promise<void>;
  /** The best first, by rank and then by id; at most `limit`, all beyond `after`. */
  find(em: EntityManager, query: SearchQuery, page: { readonly limit: number; readonly after: SearchHit | null }): Promise<SearchHit[]>;
  count(em: EntityManager, query: SearchQuery): Promise<number>;
  /** What `find` would find, as a part of any filter of products. It reads the index, not the products. */
  condition(text: string): Condition;
}
