import { invalidField, type UseCaseContext } from '@tessera/service-kit/graphql';
import { UserEntity } from '../account/user.entity.ts';
import type { UsersServices } from '../services.ts';
import { findForChange } from './find-for-change.ts';
import { withoutRole } from './role.ts';
import { RoleRevoked, type RoleRevokeInput } from './role.type.ts';

/** Takes a role from a user. Tokens that carry it live up to 15 minutes; whoever caches rights drops them on the event. */
export async function roleRevoke(input: RoleRevokeInput, unit: UseCaseContext<UsersServices>) {
  if (input.role === 'CUSTOMER') return invalidField('role', 'not_allowed', 'Every user is a customer.');
  const user = await findForChange(input, unit);
  if (!(user instanceof UserEntity)) return user;
  const roles = withoutRole(user.roles, input.role);
  if (roles) {
    user.roles = roles;
    user.updatedAt = unit.now;
    unit.publish({ type: 'RoleRevoked', aggregateId: user.id, payload: { userId: user.id, role: input.role } });
  }
  return new RoleRevoked(user.id);
}
