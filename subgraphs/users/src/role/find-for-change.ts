import { LockMode } from '@mikro-orm/core';
import { scopesOf } from '@tessera/schema/contract';
import type { UseCaseContext } from '@tessera/service-kit/graphql';
import { isId } from '@tessera/service-kit/ids';
import { UserEntity } from '../account/user.entity.ts';
import type { UsersServices } from '../services.ts';
import { mayChangeRole } from './role.ts';
import { CannotGrant, type RoleGrantInput, UserNotFound } from './role.type.ts';

/**
 * The user whose roles the caller may change, or the refusal. A token may be 15 minutes old, so the caller's rights are also those of now.
 * Both rows are locked, in the order of their ids: two administrators cannot take each other's rights at once.
 */
export async function findForChange(
  { userId, role }: RoleGrantInput,
  { em, viewer }: UseCaseContext<UsersServices>,
): Promise<UserEntity | UserNotFound | CannotGrant> {
  const ids = [userId, ...(viewer.userId ? [viewer.userId] : [])].filter((id) => isId('user', id));
  const users = await em.find(UserEntity, { id: { $in: ids } }, { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE });
  const target = users.find(({ id }) => id === userId);
  if (!target) return new UserNotFound();

  const actor = users.find(({ id }) => id === viewer.userId);
  const scopesNow = new Set(actor && !actor.suspendedAt ? scopesOf(actor.roles) : []);
  const actorScopes = new Set([...viewer.scopes].filter((scope) => scopesNow.has(scope)));
  const isAllowed = actorScopes.has('users:write') && mayChangeRole({ actorScopes, targetRoles: target.roles, role });
  return isAllowed ? target : new CannotGrant();
}
