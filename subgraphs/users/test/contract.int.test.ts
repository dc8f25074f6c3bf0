import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actAs, commonTestConfig, describeSubgraphContract } from '@tessera/service-kit/testing';
import { createSubgraph, type UsersConfig } from '../src/subgraph.ts';
import { startUsers, type UsersUnderTest } from './users-under-test.ts';

const SECRET = 'x'.repeat(43);
const config: UsersConfig = {
  ...commonTestConfig('postgres://nobody@127.0.0.1:1/none'),
  directorySecret: SECRET,
  smtpUrl: 'smtp://127.0.0.1:1',
  mailFrom: 'Tessera <no-reply@tessera.example>',
  publicUrl: 'http://tessera.example',
  loginLimitPerAccount: 1,
  loginLimitPerAddress: 1,
  registerLimitPerAddress: 1,
} as UsersConfig; // the common part is typed more widely than what the environment gives

describeSubgraphContract(() => createSubgraph(config), { repeatable: ['sessionOpen', 'sessionRefresh', 'sessionClose'] });

const MUTATIONS = {
  userRegister: {
    type: 'UserRegisterInput',
    fields: { email: 'a@example.com', password: 'correct-horse-tessera', displayName: 'Ada', handle: 'ada_l' },
  },
  emailVerify: { type: 'EmailVerifyInput', fields: { email: 'a@example.com', code: '123456' } },
  emailVerificationResend: { type: 'EmailVerificationResendInput', fields: { email: 'a@example.com' } },
  sessionOpen: { type: 'SessionOpenInput', fields: { email: 'a@example.com', password: 'correct-horse-tessera' } },
  sessionRefresh: { type: 'SessionRefreshInput', fields: { refreshToken: SECRET } },
  sessionClose: { type: 'SessionCloseInput', fields: { sessionId: 'ses_x' } },
  profileUpdate: {
    type: 'ProfileUpdateInput',
    fields: { displayName: 'Ada', handle: 'ada_l', avatarUrl: 'https://cdn.example/a.png', phone: '+4915112345678' },
  },
  roleGrant: { type: 'RoleGrantInput', fields: { userId: 'usr_x', role: 'VENDOR' } },
  roleRevoke: { type: 'RoleRevokeInput', fields: { userId: 'usr_x', role: 'VENDOR' } },
} as const;

/** Text that nobody can store: refused by every field, whatever it means; by its scalar where it has one. */
const UNSTORABLE: readonly string[] = ['a\u0000b', '\ud800'];
/** No text at all. */
const HOSTILE: readonly unknown[] = [{ $gt: '' }, [['x']], true];
/** Text that some fields may take: then it is an ordinary refusal or an ordinary name. */
const STRANGE: readonly unknown[] = ['', "'; drop table users; --", '\u202eevil', 'x'.repeat(1_000_000), -1, 10 ** 15, null];

describe('bad input', () => {
  let users: UsersUnderTest;
  beforeAll(async () => {
    users = await startUsers();
  });
  afterAll(() => users.close());

  it.each(Object.entries(MUTATIONS))(
    '%s answers it with a problem or BAD_USER_INPUT and writes nothing',
    async (name, { type, fields }) => {
      const admin = await users.aUser({ roles: ['ADMIN'] });
      const query = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename ... on Problem { code } } }`;
      const written = async () =>
        (
          await users.sql(
            `select u.id, u.handle, u.display_name, u.roles, (select count(*) from sessions) as sessions, (select count(*) from outbox) as events from users u order by id`,
          )
        ).map((row) => JSON.stringify(row));
      const before = await written();
      const viewer = { ...actAs.admin(admin.id), clientAddress: null };
      for (const field of Object.keys(fields)) {
        for (const value of HOSTILE) {
          const { errors } = await users.ask(viewer, query, { input: { ...fields, [field]: value } }, { key: randomUUID() });
          expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
        }
        for (const value of UNSTORABLE) {
          const { data, errors } = await users.ask(viewer, query, { input: { ...fields, [field]: value } }, { key: randomUUID() });
          if (errors) expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
          else expect(data).toMatchObject({ [name]: { __typename: 'InvalidInput', code: 'INVALID_INPUT' } });
        }
        for (const value of STRANGE) {
          const { data, errors } = await users.ask(viewer, query, { input: { ...fields, [field]: value } }, { key: randomUUID() });
          if (errors) expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
          else expect(data).toMatchObject({ [name]: { __typename: expect.any(String) } });
        }
      }
      const empty = await users.ask(viewer, query, { input: {} }, { key: randomUUID() });
      expect(empty.errors?.[0] ?? empty.data?.[name]).toMatchObject(
        empty.errors ? { extensions: { code: 'BAD_USER_INPUT' } } : { code: expect.any(String) },
      );
      if (name !== 'userRegister' && name !== 'profileUpdate') expect(await written()).toEqual(before);
    },
  );
});
