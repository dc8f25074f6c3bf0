import { describe, expect, it } from '@jest/globals';
import { type Role, type Scope, scopesOf } from '@tessera/schema/contract';
import { mayChangeRole, withoutRole, withRole } from './role.ts';

const SUPPORT: ReadonlySet<Scope> = new Set<Scope>(['users:read', 'users:write']);
const ADMIN: ReadonlySet<Scope> = new Set(scopesOf(['ADMIN']));

describe('changing roles', () => {
  it.each<[string, ReadonlySet<Scope>, Role[], Role, boolean]>([
    ['an admin makes a vendor', ADMIN, ['CUSTOMER'], 'VENDOR', true],
    ['an admin makes an admin', ADMIN, ['CUSTOMER'], 'ADMIN', true],
    ['support hands out what it does not have', SUPPORT, ['CUSTOMER'], 'VENDOR', false],
    ['support takes a role from an admin', SUPPORT, ['CUSTOMER', 'ADMIN'], 'ADMIN', false],
    ['support touches an admin at all', SUPPORT, ['ADMIN', 'CUSTOMER'], 'CUSTOMER', false],
    ['support changes what gives no rights', SUPPORT, ['CUSTOMER'], 'CUSTOMER', true],
  ])('%s: decided by the rights of both', (_title, actorScopes, targetRoles, role, isAllowed) => {
    expect(mayChangeRole({ actorScopes, targetRoles, role })).toBe(isAllowed);
  });

  it('is nothing when there is nothing to change', () => {
    expect([withRole(['CUSTOMER'], 'CUSTOMER'), withoutRole(['CUSTOMER'], 'VENDOR')]).toEqual([null, null]);
    expect([withRole(['CUSTOMER'], 'ADMIN'), withoutRole(['ADMIN', 'CUSTOMER'], 'ADMIN')]).toEqual([['ADMIN', 'CUSTOMER'], ['CUSTOMER']]);
  });
});
