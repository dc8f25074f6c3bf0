import type { Role } from '@tessera/schema/contract';
import type { UseCaseContext } from '@tessera/service-kit/graphql';
import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { UserEntity } from '../account/user.entity.ts';
import type { UsersServices } from '../services.ts';
import { findForChange } from './find-for-change.ts';
import { withRole } from './role.ts';
import { RoleGranted, type RoleGrantInput } from './role.type.ts';

/** Gives a user a role. It works from their next refresh on. Granting a role that is held changes nothing and tells nobody. */
export async function roleGrant(input: RoleGrantInput, unit: UseCaseContext<UsersServices>) {
  const user = await findForChange(input, unit);
  if (!(user instanceof UserEntity)) return user;
  grant(user, input.role, unit);
  return new RoleGranted(user.id);
}

export function grant(user: UserEntity, role: Role, { now, publish }: UnitOfWork): void {
  const roles = withRole(user.roles, role);
  if (!roles) return;
  user.roles = roles;
  user.updatedAt = now;
  publish({ type: 'RoleGranted', aggregateId: user.id, payload: { userId: user.id, role } });
}
