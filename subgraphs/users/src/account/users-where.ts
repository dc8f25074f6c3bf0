import type { FilterQuery } from '@mikro-orm/core';
import { TesseraError } from '@tessera/service-kit/errors';
import type { SortKey } from '@tessera/service-kit/pagination';
import type { UserEntity } from './user.entity.ts';
import type { UserOrderBy, UserTextFilter, UserWhere } from './users-where.type.ts';

const MAX_DEPTH = 3;
const MAX_BRANCHES = 20;
const MAX_VALUES = 100;
const MAX_TEXT_LENGTH = 254;

export const USER_ORDERS: Readonly<Record<UserOrderBy, SortKey<UserEntity>>> = {
  CREATED_AT_ASC: { property: 'createdAt', direction: 'asc' },
  CREATED_AT_DESC: { property: 'createdAt', direction: 'desc' },
  HANDLE_ASC: { property: 'handle', direction: 'asc' },
  HANDLE_DESC: { property: 'handle', direction: 'desc' },
};

type Condition = FilterQuery<UserEntity>;

/** A client's filter as a condition on rows. @throws TesseraError BAD_USER_INPUT where it is too deep, too wide or too long. */
export function conditionOf(where: UserWhere | null | undefined, depth = 1): Condition {
  if (!where) return {};
  if (depth > MAX_DEPTH) throw refused(`A filter nests at most ${MAX_DEPTH} deep.`);
  const nested = (branches: readonly UserWhere[]): Condition[] =>
    bounded(branches, MAX_BRANCHES).map((branch) => conditionOf(branch, depth + 1));
  const conditions: Condition[] = [
    ...(where.and ? nested(where.and) : []),
    ...(where.or ? [anyOf(nested(where.or))] : []),
    ...(where.not ? [{ $not: conditionOf(where.not, depth + 1) }] : []),
    ...textConditions('email', where.email),
    ...textConditions('handle', where.handle),
    ...textConditions('displayName', where.displayName),
    ...(where.role ? [{ roles: { $contains: [where.role] } }] : []),
    ...(where.createdAt?.gte ? [{ createdAt: { $gte: where.createdAt.gte } }] : []),
    ...(where.createdAt?.lte ? [{ createdAt: { $lte: where.createdAt.lte } }] : []),
    ...presence('emailVerifiedAt', where.isEmailVerified),
    ...presence('suspendedAt', where.isSuspended),
  ];
  return conditions.length > 0 ? { $and: conditions } : {};
}

function textConditions(property: 'email' | 'handle' | 'displayName', filter: UserTextFilter | null | undefined): Condition[] {
  const texts = [filter?.eq, filter?.contains, ...bounded(filter?.in ?? [], MAX_VALUES)];
  if (texts.some((text) => (text?.length ?? 0) > MAX_TEXT_LENGTH))
    throw refused(`A text in a filter has at most ${MAX_TEXT_LENGTH} characters.`);
  return [
    ...(typeof filter?.eq === 'string' ? [{ [property]: filter.eq }] : []),
    ...(filter?.in ? [{ [property]: { $in: filter.in } }] : []),
    ...(typeof filter?.contains === 'string' ? [{ [property]: { $ilike: `%${literally(filter.contains)}%` } }] : []),
  ];
}

function presence(property: 'emailVerifiedAt' | 'suspendedAt', isWanted: boolean | null | undefined): Condition[] {
  if (typeof isWanted !== 'boolean') return [];
  return [{ [property]: isWanted ? { $ne: null } : null }];
}

/** An empty `or` holds for nobody. */
function anyOf(branches: readonly Condition[]): Condition {
  return branches.length > 0 ? { $or: [...branches] } : { id: { $in: [] } };
}

function literally(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}

function bounded<T>(values: readonly T[], most: number): readonly T[] {
  if (values.length > most) throw refused(`A list in this filter holds at most ${most} entries.`);
  return values;
}

function refused(message: string): TesseraError {
  return new TesseraError('BAD_USER_INPUT', message, { path: ['where'] });
}
