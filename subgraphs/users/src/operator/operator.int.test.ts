import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anAddress, PASSWORD, startUsers, type UsersUnderTest } from '../../test/users-under-test.ts';

let users: UsersUnderTest;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.close());

const aWish = () => {
  const email = anAddress();
  return { email, password: PASSWORD, displayName: 'Buyer', handle: `b${email.slice(1, 20)}`, roles: ['VENDOR'] as const };
};

describe('ensuring a user', () => {
  it('makes a verified account with its roles and events, once, also at once', async () => {
    const wish = aWish();
    const ensure = () => users.subgraph.services.operator.ensureUser(wish);
    const ids = await Promise.all([ensure(), ensure(), ensure()]);
    expect(new Set([...ids, await ensure()]).size).toBe(1);
    expect(await users.eventsOf(ids[0] ?? '')).toEqual(['UserRegistered', 'EmailVerified', 'RoleGranted']);
    expect(await users.sql('select id from mails where to_address = $1', [wish.email])).toEqual([]);
  });

  it('keeps the password and names of an account, and adds roles', async () => {
    const { operator } = users.subgraph.services;
    const wish = aWish();
    const id = await operator.ensureUser(wish);
    const stored = () => users.sql('select password_hash, display_name from users where id = $1', [id]);
    const before = await stored();
    await operator.ensureUser({
      ...wish,
      email: wish.email.toUpperCase(),
      password: 'quite another password',
      displayName: 'Somebody',
      roles: ['ADMIN'],
    });
    expect(await stored()).toEqual(before);
    expect(await users.sql('select roles from users where id = $1', [id])).toEqual([{ roles: ['ADMIN', 'CUSTOMER', 'VENDOR'] }]);
  });

  it('throws for a weak password and for a handle of somebody else', async () => {
    const { operator } = users.subgraph.services;
    const wish = aWish();
    await operator.ensureUser(wish);
    await expect(operator.ensureUser({ ...aWish(), handle: wish.handle })).rejects.toThrow('belongs to another account');
    await expect(operator.ensureUser({ ...aWish(), password: 'short' })).rejects.toThrow('TOO_SHORT');
  });
});
