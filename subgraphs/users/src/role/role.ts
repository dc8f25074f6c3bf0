import { type Role, type Scope, scopesOf } from '@tessera/schema/contract';

/** Rules of roles. Plain data in, decision out. */

export interface RoleChange {
  /** What the caller may do, as of now. */
  readonly actorScopes: ReadonlySet<Scope>;
  /** What the other holds before the change. */
  readonly targetRoles: readonly Role[];
  readonly role: Role;
}

/** Nobody modifies a principal with more rights than their own, and nobody hands out more than they have. */
export function mayChangeRole({ actorScopes, targetRoles, role }: RoleChange): boolean {
  return scopesOf([...targetRoles, role]).every((scope) => actorScopes.has(scope));
}

/** The roles with one more, sorted; null when it was held already. */
export function withRole(roles: readonly Role[], role: Role): Role[] | null {
  return roles.includes(role) ? null : [...roles, role].sort();
}

/** The roles without one; null when it was not held. */
export function withoutRole(roles: readonly Role[], role: Role): Role[] | null {
  return roles.includes(role) ? roles.filter((held) => held !== role) : null;
}
