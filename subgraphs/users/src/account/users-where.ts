import type { FilterQuery } from '@mikro-orm/core';
import { allOf, anyOf, checkConditions, refusedWhere, type SortKey } from '@tessera/service-kit/pagination';
import type { UserEntity } from './user.entity.ts';
import type { UserOrderBy, UserTextFilter, UserWhere } from './users-where.type.ts';

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
export function conditionOf(where: UserWhere | null | undefined): Condition {
  if (!where) return {};
  checkConditions(where, checkTexts);
  return conditionWithin(where);
}

function conditionWithin(where: UserWhere): Condition {
  return allOf<UserEntity>([
    ...(where.and ?? []).map(conditionWithin),
    ...(where.or ? [anyOf<UserEntity>(where.or.map(conditionWithin))] : []),
    ...(where.not ? [{ $not: conditionWithin(where.not) }] : []),
    ...textConditions('email', where.email),
    ...textConditions('handle', where.handle),
    ...textConditions('displayName', where.displayName),
    ...(where.role ? [{ roles: { $contains: [where.role] } }] : []),
    ...(where.createdAt?.gte ? [{ createdAt: { $gte: where.createdAt.gte } }] : []),
    ...(where.createdAt?.lte ? [{ createdAt: { $lte: where.createdAt.lte } }] : []),
    ...presence('emailVerifiedAt', where.isEmailVerified),
    ...presence('suspendedAt', where.isSuspended),
  ]);
}

function checkTexts({ email, handle, displayName }: UserWhere): void {
  for (const filter of [email, handle, displayName]) {
    if ((filter?.in?.length ?? 0) > MAX_VALUES) throw refusedWhere(`in takes at most ${MAX_VALUES} texts.`);
    if ([filter?.eq, filter?.contains, ...(filter?.in ?? [])].some((text) => (text?.length ?? 0) > MAX_TEXT_LENGTH))
      throw refusedWhere(`a text has at most ${MAX_TEXT_LENGTH} characters.`);
  }
}

function textConditions(property: 'email' | 'handle' | 'displayName', filter: UserTextFilter | null | undefined): Condition[] {
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

function literally(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
