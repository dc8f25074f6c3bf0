import type { FilterQuery } from '@mikro-orm/core';
import { TesseraError } from '../errors/index.ts';

/** What every `where` input has beside its conditions. */
export interface ConditionTree<Where> {
  readonly and?: readonly Where[] | null;
  readonly or?: readonly Where[] | null;
  readonly not?: Where | null;
}

const MAX_DEPTH = 3;
const MAX_BRANCHES = 20;

/** The trees right below this one. */
export function branchesOf<Where extends ConditionTree<Where>>({ and, or, not }: Where): Where[] {
  return [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])];
}

/** Walks the whole tree, `checkOne` included. @throws TesseraError BAD_USER_INPUT where it nests or branches too much */
export function checkConditions<Where extends ConditionTree<Where>>(where: Where, checkOne: (where: Where) => void, depth = 1): void {
  const branches = branchesOf(where);
  if (branches.length > 0 && depth > MAX_DEPTH) throw refusedWhere(`and, or and not nest at most ${MAX_DEPTH} deep.`);
  if ([where.and, where.or].some((list) => (list?.length ?? 0) > MAX_BRANCHES))
    throw refusedWhere(`and, or take at most ${MAX_BRANCHES} conditions.`);
  checkOne(where);
  for (const branch of branches) checkConditions(branch, checkOne, depth + 1);
}

/** Nothing to satisfy is true. Not `{}`, which the ORM leaves out of an `$or` or a `$not`, and with it its truth. */
export function allOf<Entity extends { id: string }>(filters: readonly FilterQuery<Entity>[]): FilterQuery<Entity> {
  return joined(filters, '$and', { id: { $ne: '' } });
}

/** No alternative at all is false. */
export function anyOf<Entity extends { id: string }>(filters: readonly FilterQuery<Entity>[]): FilterQuery<Entity> {
  return joined(filters, '$or', { id: { $in: [] } });
}

function joined<Entity>(filters: readonly FilterQuery<Entity>[], operator: '$and' | '$or', ofNone: object): FilterQuery<Entity> {
  const [first] = filters;
  if (first === undefined) return ofNone as FilterQuery<Entity>; // every entity here has an id, which the ORM's type does not follow
  return filters.length === 1 ? first : ({ [operator]: [...filters] } as FilterQuery<Entity>); // a computed key loses its type
}

export function refusedWhere(message: string): TesseraError {
  return new TesseraError('BAD_USER_INPUT', `where: ${message}`, { path: ['where'] });
}
