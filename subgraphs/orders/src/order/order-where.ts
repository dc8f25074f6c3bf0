import type { FilterQuery } from '@mikro-orm/core';
import { TesseraError } from '@tessera/service-kit/errors';
import type { IdFilter } from '@tessera/service-kit/graphql';
import type { OrderEntity } from './order.entity.ts';
import type { OrderStateFilter, OrderTimeRange, OrderWhere } from './order-where.type.ts';

type Filter = FilterQuery<OrderEntity>;

const MAX_DEPTH = 3;
const MAX_BRANCHES = 20;
const MAX_IDS = 100;
const MAX_TEXT = 64;

/** From the caller's tree of conditions to the store's. @throws TesseraError BAD_USER_INPUT for a tree beyond the bounds */
export function orderFilter(where: OrderWhere, depth = 1): Filter {
  const nested = [...(where.and ?? []), ...(where.or ?? []), ...(where.not ? [where.not] : [])];
  if (nested.length > 0 && depth > MAX_DEPTH) throw refused(`and, or and not nest at most ${MAX_DEPTH} deep.`);
  if ([where.and, where.or].some((branches) => (branches?.length ?? 0) > MAX_BRANCHES))
    throw refused(`and, or take at most ${MAX_BRANCHES} conditions.`);
  const inner = (each: OrderWhere) => orderFilter(each, depth + 1);
  const conditions: Filter[] = [
    ...(where.and ?? []).map(inner),
    ...(where.or ? [anyOf(where.or.map(inner))] : []),
    ...(where.not ? [{ $not: inner(where.not) } as Filter] : []), // the negation of a filter is one
    ...stateConditions(where.state),
    ...timeConditions(where.placedAt),
    ...customerConditions(where.customer),
    ...(typeof where.number === 'string' ? [{ number: bounded(where.number).toUpperCase() }] : []),
  ];
  return conditions.length > 0 ? { $and: conditions } : {};
}

/** One of no alternatives holds for nothing. */
function anyOf(alternatives: Filter[]): Filter {
  return alternatives.length > 0 ? { $or: alternatives } : { id: { $in: [] } };
}

function stateConditions(filter: OrderStateFilter | null | undefined): Filter[] {
  return [...(filter?.eq ? [{ state: filter.eq }] : []), ...(filter?.in ? [{ state: { $in: filter.in } }] : [])];
}

function timeConditions(range: OrderTimeRange | null | undefined): Filter[] {
  return [...(range?.gte ? [{ placedAt: { $gte: range.gte } }] : []), ...(range?.lte ? [{ placedAt: { $lte: range.lte } }] : [])];
}

function customerConditions(filter: IdFilter | null | undefined): Filter[] {
  if ((filter?.in?.length ?? 0) > MAX_IDS) throw refused(`in takes at most ${MAX_IDS} ids.`);
  return [
    ...(typeof filter?.eq === 'string' ? [{ customerId: bounded(filter.eq) }] : []),
    ...(filter?.in ? [{ customerId: { $in: filter.in.map(bounded) } }] : []),
  ];
}

function bounded(text: string): string {
  if (text.length > MAX_TEXT) throw refused(`A condition takes at most ${MAX_TEXT} characters.`);
  return text;
}

function refused(message: string): TesseraError {
  return new TesseraError('BAD_USER_INPUT', message);
}
