import type { FilterQuery } from '@mikro-orm/core';
import { TesseraError } from '@tessera/service-kit/errors';
import type { PaymentEntity } from './payment.entity.ts';
import type { PaymentWhere } from './payment-where.type.ts';

type Filter = FilterQuery<PaymentEntity>;

const MAX_DEPTH = 3;
const MAX_BRANCHES = 20;
const MAX_VALUES = 100;

/** The caller's filter for the database. @throws TesseraError BAD_USER_INPUT when it is nested too deep or lists too much. */
export function filterOf(where: PaymentWhere | null | undefined, depth = 1): Filter {
  if (!where) return {};
  if (depth > MAX_DEPTH) throw new TesseraError('BAD_USER_INPUT', `A filter is nested at most ${MAX_DEPTH} deep.`);
  const { and, or, not, orderId, customerId, state, needsAttention, createdAt } = where;
  const within = (inner: PaymentWhere): Filter => filterOf(inner, depth + 1);
  const parts: Filter[] = [
    ...bounded(and, MAX_BRANCHES).map(within),
    ...(or ? [{ $or: bounded(or, MAX_BRANCHES).map(within) } as Filter] : []), // the ORM's type for $or does not follow recursion
    ...(not ? [{ $not: within(not) } as Filter] : []), // the same for $not
    ...among('orderId', orderId),
    ...among('customerId', customerId),
    ...among('state', state),
    ...(typeof needsAttention === 'boolean' ? [{ needsAttention }] : []),
    ...(createdAt?.gte ? [{ createdAt: { $gte: createdAt.gte } }] : []),
    ...(createdAt?.lte ? [{ createdAt: { $lte: createdAt.lte } }] : []),
  ];
  return parts.length > 0 ? { $and: parts } : {};
}

function among(
  property: 'orderId' | 'customerId' | 'state',
  filter: { eq?: string | null; in?: readonly string[] | null } | null | undefined,
): Filter[] {
  const parts: Filter[] = [];
  if (typeof filter?.eq === 'string') parts.push({ [property]: filter.eq } as Filter); // a computed key loses its type
  if (filter?.in) parts.push({ [property]: { $in: bounded(filter.in, MAX_VALUES) } } as Filter); // a computed key loses its type
  return parts;
}

function bounded<Value>(list: readonly Value[] | null | undefined, max: number): readonly Value[] {
  if (list && list.length > max) throw new TesseraError('BAD_USER_INPUT', `A list in a filter holds at most ${max} entries.`);
  return list ?? [];
}
