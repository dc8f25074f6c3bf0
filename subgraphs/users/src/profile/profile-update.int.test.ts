import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { actAs } from '@tessera/service-kit/testing';
import { startUsers, type UsersUnderTest } from '../../test/users-under-test.ts';

const UPDATE = `mutation ($input: ProfileUpdateInput!) { profileUpdate(input: $input) {
  __typename ... on ProfileUpdated { user { handle displayName avatarUrl phone } } ... on Problem { code } ... on IdempotencyKeyReused { differingFields } } }`;

let users: UsersUnderTest;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.close());

const update = async (viewer: Viewer, input: object) =>
  (await users.data<{ profileUpdate: object }>(viewer, UPDATE, { input })).profileUpdate;

describe('changing a profile', () => {
  it('changes what is given, keeps the rest, and tells the directory of a new name only', async () => {
    const { id, handle, viewer } = await users.aUser();
    const picture = { avatarUrl: 'https://cdn.example/a.png', phone: '+4915112345678' };
    expect(await update(viewer, picture)).toEqual({
      __typename: 'ProfileUpdated',
      user: { handle, displayName: 'Ada Lovelace', ...picture },
    });
    expect(await users.eventsOf(id)).toEqual(['UserRegistered', 'EmailVerified']);
    expect(await update(viewer, { displayName: ' Ada  King ', avatarUrl: null })).toMatchObject({
      user: { displayName: 'Ada King', avatarUrl: null, phone: picture.phone },
    });
    expect(await users.eventsOf(id)).toEqual(['UserRegistered', 'EmailVerified', 'HandleChanged']);
  });

  it('keeps a former handle for its owner for ever', async () => {
    const [one, two] = [await users.aUser(), await users.aUser()];
    expect(await update(one.viewer, { handle: `n${one.handle.slice(2)}` })).toMatchObject({ __typename: 'ProfileUpdated' });
    expect(await update(two.viewer, { handle: one.handle })).toMatchObject({ code: 'HANDLE_TAKEN' });
    expect(await update(one.viewer, { handle: one.handle.toUpperCase() })).toMatchObject({ user: { handle: one.handle } });
  });

  it('answers a retry with the stored outcome, and names what differs', async () => {
    const { id, viewer } = await users.aUser();
    const key = randomUUID();
    const ask = (avatarUrl: string) => users.ask(viewer, UPDATE, { input: { avatarUrl } }, { key });
    await ask('https://cdn.example/a.png');
    await users.sql('update users set avatar_url = null where id = $1', [id]);
    expect(await ask('https://cdn.example/a.png')).toMatchObject({
      data: { profileUpdate: { __typename: 'ProfileUpdated', user: { avatarUrl: null } } },
      extensions: { idempotency: { replayed: { profileUpdate: true } } },
    });
    expect((await ask('https://cdn.example/b.png')).data).toMatchObject({ profileUpdate: { differingFields: ['input.avatarUrl'] } });
  });

  it.each([
    {},
    { displayName: null },
    { handle: null },
    { displayName: '' },
    { handle: 'ab' },
    { handle: 'admin' },
    { displayName: 'a\u0007b' },
    { displayName: 'a\u0000b' },
    { displayName: '\ud800' },
  ])('refuses input that is no profile (%#)', async (input) => {
    expect(await update((await users.aUser()).viewer, input)).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each([
    { avatarUrl: 'javascript:alert(1)' },
    { avatarUrl: 'x'.repeat(5_000) },
    { phone: '0151 12345678' },
    { phone: `${'1'.repeat(40)}x` },
    { displayName: { $gt: '' } },
  ])('refuses values that are none (%#)', async (input) => {
    const { viewer } = await users.aUser();
    const { errors } = await users.ask(viewer, UPDATE, { input }, { key: randomUUID() });
    expect(errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) })]);
  });

  it('is for signed-in callers, with an idempotency key', async () => {
    const code = async (viewer: Viewer) => (await users.ask(viewer, UPDATE, { input: { displayName: 'Eve' } })).errors?.[0];
    expect(await code(actAs.visitor())).toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
    expect(await code((await users.aUser()).viewer)).toMatchObject({ extensions: { code: 'IDEMPOTENCY_KEY_REQUIRED' } });
  });
});
