import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { startUsers, type UsersUnderTest } from '../../test/users-under-test.ts';

const operation = (name: string, input: string, outcome: string) =>
  `mutation ($input: ${input}!) { result: ${name}(input: $input) { __typename ... on ${outcome} { user { roles } } ... on Problem { code } } }`;
const GRANT = operation('roleGrant', 'RoleGrantInput', 'RoleGranted');
const REVOKE = operation('roleRevoke', 'RoleRevokeInput', 'RoleRevoked');

let users: UsersUnderTest;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.close());

const change = async (query: string, viewer: Viewer, userId: string, role: string) =>
  (await users.data<{ result: object }>(viewer, query, { input: { userId, role } })).result;

describe('granting and revoking roles', () => {
  it('changes the roles and tells it once', async () => {
    const [admin, user] = [await users.aUser({ roles: ['ADMIN'] }), await users.aUser()];
    expect(await change(GRANT, admin.viewer, user.id, 'VENDOR')).toEqual({
      __typename: 'RoleGranted',
      user: { roles: ['CUSTOMER', 'VENDOR'] },
    });
    expect(await change(GRANT, admin.viewer, user.id, 'VENDOR')).toMatchObject({ __typename: 'RoleGranted' });
    expect(await change(REVOKE, admin.viewer, user.id, 'VENDOR')).toEqual({ __typename: 'RoleRevoked', user: { roles: ['CUSTOMER'] } });
    expect(await users.eventsOf(user.id)).toEqual(['UserRegistered', 'EmailVerified', 'RoleGranted', 'RoleRevoked']);
  });

  it('refuses who has fewer rights than the role or the other', async () => {
    const [user, admin] = [await users.aUser(), await users.aUser({ roles: ['ADMIN'] })];
    const support = actAs.user(user.id, { scopes: ['users:read', 'users:write'] });
    expect(await change(GRANT, support, user.id, 'ADMIN')).toEqual({ __typename: 'CannotGrant', code: 'CANNOT_GRANT' });
    expect(await change(REVOKE, support, admin.id, 'ADMIN')).toMatchObject({ code: 'CANNOT_GRANT' });
  });

  it('goes by the rights of now, not only by those in the token', async () => {
    const [former, user] = [await users.aUser({ roles: ['ADMIN'] }), await users.aUser()];
    await users.sql(`update users set roles = '{CUSTOMER}' where id = $1`, [former.id]);
    expect(await change(GRANT, former.viewer, user.id, 'VENDOR')).toMatchObject({ code: 'CANNOT_GRANT' });
  });

  it('lets one of two administrators win who take each other’s role at once', async () => {
    const [one, two] = [await users.aUser({ roles: ['ADMIN'] }), await users.aUser({ roles: ['ADMIN'] })];
    const outcomes = await Promise.all([change(REVOKE, one.viewer, two.id, 'ADMIN'), change(REVOKE, two.viewer, one.id, 'ADMIN')]);
    expect(outcomes.map((outcome) => ('code' in outcome ? outcome.code : 'done')).sort()).toEqual(['CANNOT_GRANT', 'done']);
  });

  it('knows no such user', async () => {
    const admin = await users.aUser({ roles: ['ADMIN'] });
    for (const id of [newId('user'), newId('order'), '', 'x'.repeat(100_000)])
      expect(await change(GRANT, admin.viewer, id, 'VENDOR')).toMatchObject({ code: 'USER_NOT_FOUND' });
  });

  it('leaves everybody a customer', async () => {
    const [admin, user] = [await users.aUser({ roles: ['ADMIN'] }), await users.aUser()];
    expect(await change(REVOKE, admin.viewer, user.id, 'CUSTOMER')).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('is for users:write, and for roles that exist', async () => {
    const user = await users.aUser();
    const code = async (viewer: Viewer, role: string) =>
      (await users.ask(viewer, GRANT, { input: { userId: user.id, role } }, { key: randomUUID() })).errors?.[0];
    expect(await code(user.viewer, 'ADMIN')).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    expect(await code(actAs.visitor(), 'ADMIN')).toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
    expect(await code(actAs.admin(), 'ROOT')).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });
});
