import type { FilterQuery } from '@mikro-orm/core';
import type { IdFilter } from '@tessera/service-kit/graphql';
import { allOf, anyOf, branchesOf, checkConditions, refusedWhere } from '@tessera/service-kit/pagination';
import type { Condition } from '../search/search-index.ts';
import type { ProductEntity } from './product.entity.ts';
import type { CatalogViewer } from './product.ts';
import type { ProductWhere } from './product-where.type.ts';

/** From the caller's tree of conditions to the store's: pure, and with operations only that both stores have. */

type Filter = FilterQuery<ProductEntity>;

const MAX_IDS = 100;
const MAX_TEXT = 100;

/** What the words of the caller mean in the store. */
export interface Meanings {
  /** Which categories a list of categories means: those and their sub-categories. */
  readonly categories: (ids: readonly string[]) => readonly string[];
  /** Which products a text means. */
  readonly text: (text: string) => Condition;
}

/** Refuses trees beyond the bounds. @throws TesseraError BAD_USER_INPUT */
export function checkWhere(where: ProductWhere): void {
  checkConditions(where, ({ category, vendor, text }) => {
    for (const filter of [category, vendor])
      if ((filter?.in?.length ?? 0) > MAX_IDS) throw refusedWhere(`in takes at most ${MAX_IDS} ids.`);
    if (typeof text === 'string' && (text.trim() === '' || text.length > MAX_TEXT))
      throw refusedWhere(`text takes 1 to ${MAX_TEXT} characters.`);
  });
}

/** Every category that the tree names. */
export function categoriesIn(where: ProductWhere): string[] {
  return [...idsOf(where.category), ...branchesOf(where).flatMap(categoriesIn)];
}

export function mentionsStatus(where: ProductWhere): boolean {
  return Boolean(where.status) || branchesOf(where).some(mentionsStatus);
}

/** What a list may hold whatever the caller filters by: archived products never, drafts for those who manage them and ask by status. */
export function listable(viewer: CatalogViewer, asksForStatus: boolean): Filter {
  if (!asksForStatus) return { status: 'PUBLISHED' };
  if (viewer.isAdmin) return { status: { $in: ['PUBLISHED', 'DRAFT'] } };
  if (viewer.userId === null) return { status: 'PUBLISHED' };
  return { $or: [{ status: 'PUBLISHED' }, { status: 'DRAFT', vendorId: viewer.userId }] };
}

/**
 * Negation is pushed down to the leaves, because the stores disagree on NOT over what is missing: a product without a price in a currency
 * is outside every range of it, and without a category in none.
 */
export function toFilter(where: ProductWhere, meanings: Meanings, isNegated = false): Filter {
  const [join, joinAlternatives] = isNegated ? [anyOf, allOf] : [allOf, anyOf];
  const inner = (each: ProductWhere): Filter => toFilter(each, meanings, isNegated);
  return join<ProductEntity>([
    ...(where.and ?? []).map(inner),
    ...(where.or ? [joinAlternatives<ProductEntity>(where.or.map(inner))] : []),
    ...(where.not ? [toFilter(where.not, meanings, !isNegated)] : []),
    ...leavesOf(where, meanings).map(({ holds, fails }) => (isNegated ? fails : holds)),
  ]);
}

function leavesOf({ category, kind, status, vendor, price, text }: ProductWhere, meanings: Meanings): Condition[] {
  const leaves: Condition[] = [];
  for (const ids of listsOf(category))
    leaves.push({
      holds: { categoryId: { $in: [...meanings.categories(ids)] } },
      fails: { $or: [{ categoryId: null }, { categoryId: { $nin: [...meanings.categories(ids)] } }] },
    });
  for (const ids of listsOf(vendor)) leaves.push({ holds: { vendorId: { $in: ids } }, fails: { vendorId: { $nin: ids } } });
  for (const kinds of listsOf(kind)) leaves.push({ holds: { kind: { $in: kinds } }, fails: { kind: { $nin: kinds } } });
  for (const states of listsOf(status)) leaves.push({ holds: { status: { $in: states } }, fails: { status: { $nin: states } } });
  if (price) leaves.push(priceLeaf(price));
  if (text) leaves.push(meanings.text(text));
  return leaves;
}

function priceLeaf({ currency, gte, lte }: NonNullable<ProductWhere['price']>): Condition {
  const lowest = (condition: object | null): Filter => ({ priceBands: { [currency]: { lowest: condition } } }) as Filter; // the key is data
  const inside = {
    $gte: 0,
    ...(gte === null || gte === undefined ? {} : { $gte: Math.max(0, Number(gte)) }),
    ...(lte === null || lte === undefined ? {} : { $lte: Number(lte) }),
  };
  const outside = [lowest(null), lowest({ $lt: inside.$gte }), ...('$lte' in inside ? [lowest({ $gt: inside.$lte })] : [])];
  return { holds: lowest(inside), fails: { $or: outside } };
}

/** `eq` as a list of one, and `in`: both must hold. */
function listsOf<T>(filter: { readonly eq?: T | null; readonly in?: T[] | null } | null | undefined): T[][] {
  const lists: T[][] = [];
  if (filter?.eq !== null && filter?.eq !== undefined) lists.push([filter.eq]);
  if (filter?.in) lists.push([...filter.in]);
  return lists;
}

function idsOf(filter: IdFilter | null | undefined): string[] {
  return listsOf(filter).flat();
}
