import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { startUsers, type UsersUnderTest } from '../../test/users-under-test.ts';

const FIELDS = 'id handle displayName avatarUrl roles createdAt email isEmailVerified phone sessions { totalCount }';
const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { ${FIELDS} } } }`;
const USERS = `query ($where: UserWhere, $orderBy: UserOrderBy, $first: Int, $after: Cursor, $last: Int) {
  users(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last) { totalCount pageInfo { hasNextPage endCursor } edges { node { handle email } } } }`;

type Page = {
  users: {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string };
    edges: { node: { handle: string; email: string } }[];
  };
};

let users: UsersUnderTest;
const admin = actAs.admin();
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.close());

const representation = (id: string) => ({ representations: [{ __typename: 'User', id }] });
const handlesOf = ({ users: { edges } }: Page) => edges.map(({ node }) => node.handle);

describe('a user', () => {
  it('sees everything of their own', async () => {
    const { id, email, handle, viewer } = await users.aUser();
    expect(await users.data(viewer, `{ me { ${FIELDS} } }`)).toMatchObject({
      me: {
        id,
        handle,
        email,
        displayName: 'Ada Lovelace',
        roles: ['CUSTOMER'],
        isEmailVerified: true,
        phone: null,
        sessions: { totalCount: 0 },
      },
    });
  });

  it('is names only for others, by reference too', async () => {
    const [{ id, handle }, stranger] = [await users.aUser(), await users.aUser()];
    const names = { id, handle, displayName: 'Ada Lovelace', avatarUrl: null };
    const hidden = { roles: null, createdAt: null, email: null, isEmailVerified: null, phone: null, sessions: null };
    for (const viewer of [stranger.viewer, actAs.visitor(), actAs.vendor(), actAs.service('orders')]) {
      expect(await users.data(viewer, ENTITIES, representation(id))).toEqual({ _entities: [{ ...names, ...hidden }] });
    }
  });

  it('is whole for users:read', async () => {
    const { id, email } = await users.aUser();
    expect(await users.data(admin, ENTITIES, representation(id))).toMatchObject({ _entities: [{ email, sessions: { totalCount: 0 } }] });
    expect(await users.data(admin, 'query ($id: ID!) { user(id: $id) { email } }', { id })).toEqual({ user: { email } });
  });

  it('is null where there is none, whatever the id looks like', async () => {
    for (const id of [newId('user'), newId('order'), '', "' or 1=1 --", '__proto__', 'x'.repeat(100_000)]) {
      expect(await users.data(admin, 'query ($id: ID!) { user(id: $id) { id } }', { id })).toEqual({ user: null });
      expect(await users.data(admin, ENTITIES, representation(id))).toEqual({ _entities: [null] });
    }
    expect(await users.data(actAs.visitor(), '{ me { id } }')).toEqual({ me: null });
  });
});

describe('the list of users', () => {
  it('is refused without users:read', async () => {
    for (const [viewer, code] of [
      [actAs.visitor(), 'UNAUTHENTICATED'],
      [actAs.vendor(), 'FORBIDDEN'],
    ] as const) {
      for (const query of ['{ users { totalCount } }', `{ user(id: "${newId('user')}") { id } }`]) {
        expect((await users.ask(viewer, query)).errors).toEqual([
          expect.objectContaining({ extensions: expect.objectContaining({ code }) }),
        ]);
      }
    }
  });

  it('filters by text, role, time and state, nested', async () => {
    const vendor = await users.aUser({ roles: ['VENDOR'], name: '100%_real Vendor' });
    const customer = await users.aUser({ name: '1000 real vendors' });
    const both = { or: [{ handle: { eq: vendor.handle } }, { email: { in: [customer.email] } }] };
    const found = async (where: object) => handlesOf(await users.data<Page>(admin, USERS, { where: { and: [both, where] } })).sort();
    expect(await found({})).toEqual([vendor.handle, customer.handle].sort());
    expect(await found({ role: 'VENDOR' })).toEqual([vendor.handle]);
    expect(await found({ not: { role: 'VENDOR' } })).toEqual([customer.handle]);
    expect(await found({ displayName: { contains: '%_REAL' } })).toEqual([vendor.handle]);
    expect(await found({ isEmailVerified: true, isSuspended: false, createdAt: { gte: '2020-01-01T00:00:00Z' } })).toHaveLength(2);
    expect(await found({ createdAt: { lte: '2020-01-01T00:00:00Z' } })).toEqual([]);
    expect(await found({ or: [] })).toEqual([]);
    expect(await found({ not: {} })).toEqual([]);
    expect(await found({ or: [{}, { role: 'VENDOR' }] })).toEqual([customer.handle, vendor.handle].sort());
    expect(await found({ not: {} })).toEqual([]);
  });

  it('pages without loss or repetition, and refuses a cursor of another filter', async () => {
    for (let count = 1; count <= 3; count += 1) await users.aUser({ name: 'Paged Person' });
    const where = { displayName: { eq: 'Paged Person' } };
    const [first, all] = [
      await users.data<Page>(admin, USERS, { where, orderBy: 'HANDLE_ASC', first: 2 }),
      await users.data<Page>(admin, USERS, { where, orderBy: 'HANDLE_ASC' }),
    ];
    const after = first.users.pageInfo.endCursor;
    const rest = await users.data<Page>(admin, USERS, { where, orderBy: 'HANDLE_ASC', first: 2, after });
    expect([...handlesOf(first), ...handlesOf(rest)]).toEqual(handlesOf(all));
    expect(handlesOf(all)).toEqual([...handlesOf(all)].sort());
    expect(first.users).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    expect((await users.ask(admin, USERS, { orderBy: 'HANDLE_ASC', after })).errors?.[0]).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it.each([
    ['too deep', { where: { not: { not: { not: { not: { role: 'ADMIN' } } } } } }],
    ['too wide', { where: { or: Array(21).fill({ role: 'ADMIN' }) } }],
    ['too many texts', { where: { email: { in: Array(101).fill('a') } } }],
    ['a huge text', { where: { handle: { contains: 'x'.repeat(1_000_000) } } }],
    ['a page that is too large', { first: 101 }],
    ['two directions', { first: 1, last: 1 }],
  ])('refuses a filter or page that is %s', async (_what, variables) => {
    expect((await users.ask(admin, USERS, variables)).errors).toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) }),
    ]);
  });
});
