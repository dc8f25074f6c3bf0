import type { FilterQuery } from '@mikro-orm/core';
import { TesseraError } from '@tessera/service-kit/errors';
import type { ProductEntity } from './product.entity.ts';
import type { CatalogViewer } from './product.ts';
import type { IdFilter, ProductWhere } from './product-where.type.ts';

/** From the caller's tree of conditions to the store's: pure, and with operations only that both stores have. */

type Filter = FilterQuery<ProductEntity>;

const MAX_DEPTH = 3;
const MAX_BRANCHES = 20;
const MAX_IDS = 100;
const MAX_TEXT = 100;

/** Which categories a list of categories means: those and their sub-categories. */
export type CategoryExpansion = (ids: readonly string[]) => readonly string[];

/** Refuses trees beyond the bounds. @throws TesseraError BAD_USER_INPUT */
export function checkWhere(where: ProductWhere, depth = 1): void {
  const nested = [...(where.and ?? []), ...(where.or ?? []), ...(where.not ? [where.not] : [])];
  if (nested.length > 0 && depth > MAX_DEPTH) throw refused(`and, or and not nest at most ${MAX_DEPTH} deep.`);
  for (const branches of [where.and, where.or])
    if (branches && branches.length > MAX_BRANCHES) throw refused(`and, or take at most ${MAX_BRANCHES} conditions.`);
  for (const filter of [where.category, where.vendor])
    if ((filter?.in?.length ?? 0) > MAX_IDS) throw refused(`in takes at most ${MAX_IDS} ids.`);
  const { text } = where;
  if (typeof text === 'string' && (text.trim() === '' || text.length > MAX_TEXT)) throw refused(`text takes 1 to ${MAX_TEXT} characters.`);
  for (const inner of nested) checkWhere(inner, depth + 1);
}

/** Every category that the tree names. */
export function categoriesIn(where: ProductWhere): string[] {
  const nested = [...(where.and ?? []), ...(where.or ?? []), ...(where.not ? [where.not] : [])];
  return [...idsOf(where.category), ...nested.flatMap(categoriesIn)];
}

export function mentionsStatus(where: ProductWhere): boolean {
  const nested = [...(where.and ?? []), ...(where.or ?? []), ...(where.not ? [where.not] : [])];
  return Boolean(where.status) || nested.some(mentionsStatus);
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
export function toFilter(where: ProductWhere, expand: CategoryExpansion, isNegated = false): Filter {
  const conditions: Filter[] = [
    ...(where.and ?? []).map((inner) => toFilter(inner, expand, isNegated)),
    ...(where.or
      ? [
          join(
            where.or.map((inner) => toFilter(inner, expand, isNegated)),
            !isNegated,
          ),
        ]
      : []),
    ...(where.not ? [toFilter(where.not, expand, !isNegated)] : []),
    ...leavesOf(where, expand).map(({ holds, fails }) => (isNegated ? fails : holds)),
  ];
  return join(conditions, isNegated);
}

interface Leaf {
  readonly holds: Filter;
  readonly fails: Filter;
}

function leavesOf({ category, kind, status, vendor, price, text }: ProductWhere, expand: CategoryExpansion): Leaf[] {
  const leaves: Leaf[] = [];
  for (const ids of listsOf(category))
    leaves.push({
      holds: { categoryId: { $in: [...expand(ids)] } },
      fails: { $or: [{ categoryId: null }, { categoryId: { $nin: [...expand(ids)] } }] },
    });
  for (const ids of listsOf(vendor)) leaves.push({ holds: { vendorId: { $in: ids } }, fails: { vendorId: { $nin: ids } } });
  for (const kinds of listsOf(kind)) leaves.push({ holds: { kind: { $in: kinds } }, fails: { kind: { $nin: kinds } } });
  for (const states of listsOf(status)) leaves.push({ holds: { status: { $in: states } }, fails: { status: { $nin: states } } });
  if (price) leaves.push(priceLeaf(price));
  if (text) leaves.push(textLeaf(text));
  return leaves;
}

function priceLeaf({ currency, gte, lte }: NonNullable<ProductWhere['price']>): Leaf {
  const lowest = (condition: object | null): Filter => ({ priceBands: { [currency]: { lowest: condition } } }) as Filter; // the key is data
  const inside = {
    $gte: 0,
    ...(gte === null || gte === undefined ? {} : { $gte: Math.max(0, Number(gte)) }),
    ...(lte === null || lte === undefined ? {} : { $lte: Number(lte) }),
  };
  const outside = [lowest(null), lowest({ $lt: inside.$gte }), ...('$lte' in inside ? [lowest({ $gt: inside.$lte })] : [])];
  return { holds: lowest(inside), fails: { $or: outside } };
}

function textLeaf(text: string): Leaf {
  const pattern = new RegExp(text.trim().replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i');
  return {
    holds: { $or: [{ title: pattern }, { description: pattern }] },
    fails: { $not: { $or: [{ title: pattern }, { description: pattern }] } },
  };
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

/** Nothing to satisfy is true; no alternative at all is false. */
function join(filters: readonly Filter[], isAny: boolean): Filter {
  if (filters.length === 1 && filters[0]) return filters[0];
  if (filters.length === 0) return isAny ? NOTHING : EVERYTHING;
  return isAny ? { $or: [...filters] } : { $and: [...filters] };
}

// Not `{}`: an empty alternative would be left out, and with it its truth.
const EVERYTHING: Filter = { id: { $ne: '' } };
const NOTHING: Filter = { id: { $in: [] } };

function refused(message: string): TesseraError {
  return new TesseraError('BAD_USER_INPUT', `where: ${message}`);
}
