import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { actAs } from '@tessera/service-kit/testing';
import { anAddress, PASSWORD, startUsers, type UsersUnderTest } from '../../test/users-under-test.ts';

const REGISTER = `mutation ($input: UserRegisterInput!) { userRegister(input: $input) {
  __typename ... on RegistrationAccepted { codeExpiresAt } ... on WeakPassword { weaknesses } ... on Problem { code } ... on IdempotencyKeyReused { differingFields } } }`;
const VERIFY = `mutation ($input: EmailVerifyInput!) { emailVerify(input: $input) { __typename ... on EmailVerified { user { id handle displayName email } } ... on Problem { code } } }`;
const RESEND = `mutation ($input: EmailVerificationResendInput!) { emailVerificationResend(input: $input) { __typename ... on RateLimited { retryAfterMs } } }`;
const OPEN = `mutation ($input: SessionOpenInput!) { sessionOpen(input: $input) { __typename ... on SessionOpened { user { email } } } }`;

let users: UsersUnderTest;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.close());

type Outcome = {
  __typename: string;
  code?: string;
  weaknesses?: string[];
  differingFields?: string[];
  user?: { id: string; handle: string; displayName: string; email: string | null };
};
const anyone = actAs.visitor();
async function send(query: string, input: object, viewer: Viewer = anyone): Promise<Outcome> {
  const data = await users.data<Record<string, Outcome>>(viewer, query, { input });
  return Object.values(data)[0] as Outcome; // one field per operation
}
const register = (input: object) => send(REGISTER, { password: PASSWORD, displayName: 'Ada', ...input });
const verify = async (email: string, code: string) => (await send(VERIFY, { email, code })).__typename;
const open = async (email: string, password = PASSWORD) => (await send(OPEN, { email, password })).__typename;
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

describe('registering', () => {
  it('mails a code that verifies the address, and then the password opens a session', async () => {
    const email = anAddress();
    expect(await register({ email: email.toUpperCase(), displayName: '  Zoe\u0308 ', handle: `Zoe_${email.slice(1, 9)}` })).toMatchObject({
      __typename: 'RegistrationAccepted',
    });
    expect(await open(email)).toBe('EmailNotVerified');
    const outcome = await send(VERIFY, { email, code: await users.mailbox.codeFor(email) });
    expect(outcome).toMatchObject({
      __typename: 'EmailVerified',
      user: { handle: `zoe_${email.slice(1, 9)}`, displayName: 'Zo\u00eb', email: null },
    });
    expect(await open(email)).toBe('SessionOpened');
    expect(await users.eventsOf(outcome.user?.id ?? '')).toEqual(['UserRegistered', 'EmailVerified']);
  });

  it('tells the directory a keyed hash, and no event holds the address', async () => {
    const email = anAddress();
    await register({ email });
    const [event] = await users.sql<{ payload: { emailKey: string; displayName: string } }>(
      `select payload from outbox where type = 'UserRegistered' and payload->>'emailKey' = $1`,
      [users.subgraph.services.emailKeyOf(email)],
    );
    expect(event?.payload).toMatchObject({ displayName: 'Ada', emailKey: expect.stringMatching(/^[\w-]{43}$/) });
    expect(await users.sql('select id from outbox where payload::text like $1', [`%${email}%`])).toEqual([]);
  });

  it('answers a known address alike: same outcome, no committed events, and the owner is told', async () => {
    const owner = await users.aUser();
    const ask = (email: string) =>
      users.ask(anyone, REGISTER, { input: { email, password: PASSWORD, displayName: 'Eve' } }, { key: randomUUID() });
    const [known, fresh] = [await ask(owner.email), await ask(anAddress())];
    expect(known.data).toEqual({ userRegister: { __typename: 'RegistrationAccepted', codeExpiresAt: expect.any(String) } });
    expect(fresh.data).toEqual(known.data && { userRegister: { __typename: 'RegistrationAccepted', codeExpiresAt: expect.any(String) } });
    expect([known.committed, fresh.committed]).toEqual([null, null]);
    expect(known.extensions).toEqual(fresh.extensions);
    const [mail] = await users.mailbox.mailsTo(owner.email);
    expect(mail?.source).toContain('You already have a Tessera account');
    expect(await open(owner.email)).toBe('SessionOpened');
  });

  it('claims the wanted handle for a known address too, so that a second try tells nothing', async () => {
    const owner = await users.aUser();
    const handle = `h${owner.handle.slice(2, 12)}`;
    expect(await register({ email: owner.email, handle })).toMatchObject({ __typename: 'RegistrationAccepted' });
    expect(await register({ email: anAddress(), handle })).toMatchObject({ code: 'HANDLE_TAKEN' });
  });

  it('lets the one who reads the mail decide which registration of an address counts', async () => {
    const email = anAddress();
    await register({ email, password: 'password of an attacker 1' });
    await users.mailbox.codeFor(email);
    await register({ email, password: 'password of the real owner' });
    expect(await verify(email, await users.mailbox.codeFor(email, 2))).toBe('EmailVerified');
    expect(await open(email, 'password of an attacker 1')).toBe('CredentialsInvalid');
    expect(await open(email, 'password of the real owner')).toBe('SessionOpened');
  });

  it('happens once for the same key, also at once, and names what differs', async () => {
    const [email, key] = [anAddress(), randomUUID()];
    const ask = (displayName: string) => users.ask(anyone, REGISTER, { input: { email, password: PASSWORD, displayName } }, { key });
    const answers = await Promise.all([ask('Ada'), ask('Ada'), ask('Ada')]);
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    expect((await ask('Bob')).data).toMatchObject({ userRegister: { differingFields: ['input.displayName'] } });
    expect(await users.sql('select id from mails where to_address = $1', [email])).toHaveLength(1);
  });

  it('makes one account when an address is registered twice at once with different keys', async () => {
    const email = anAddress();
    const input = { email, handle: `twice_${email.slice(1, 9)}` };
    const outcomes = await Promise.all([register(input), register(input), register(input)]);
    expect(outcomes.map(({ __typename }) => __typename)).toEqual(Array(3).fill('RegistrationAccepted'));
    expect(await users.sql('select id from users where email = $1', [email])).toHaveLength(1);
  });

  it('gives a handle that several want at once to one of them', async () => {
    const handle = `race_${anAddress().slice(1, 9)}`;
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => register({ email: anAddress(), handle })));
    expect(outcomes.filter(({ __typename }) => __typename === 'RegistrationAccepted')).toHaveLength(1);
    expect(outcomes.filter(({ code }) => code === 'HANDLE_TAKEN')).toHaveLength(4);
  });

  it.each([
    ['a short password', { password: 'short' }, { code: 'WEAK_PASSWORD', weaknesses: ['TOO_SHORT'] }],
    [
      'a password with the handle in it',
      { handle: 'ada_lovelace', password: 'i am ada_lovelace!' },
      { code: 'WEAK_PASSWORD', weaknesses: ['CONTAINS_IDENTITY'] },
    ],
    ['a huge password', { password: 'x'.repeat(1_000_000) }, { code: 'INVALID_INPUT' }],
    ['an empty name', { displayName: ' ' }, { code: 'INVALID_INPUT' }],
    ['a name that turns the text round', { displayName: 'Ada\u202e' }, { code: 'INVALID_INPUT' }],
    ['a huge name', { displayName: 'x'.repeat(1_000_000) }, { code: 'INVALID_INPUT' }],
    ['a handle with a blank', { handle: 'a b' }, { code: 'INVALID_INPUT' }],
    ['a reserved handle', { handle: 'Tessera' }, { code: 'INVALID_INPUT' }],
    ['an address of 300 characters', { email: `${'x'.repeat(290)}@example.com` }, { code: 'INVALID_INPUT' }],
  ])('refuses %s and writes nothing', async (_what, input, expected) => {
    const count = async () => (await users.sql('select id from users')).length;
    const before = await count();
    expect(await register({ email: anAddress(), ...input })).toMatchObject(expected);
    expect(await count()).toBe(before);
  });
});

describe('verifying an address', () => {
  it('refuses a code after five wrong tries, also the right one', async () => {
    const email = anAddress();
    await register({ email });
    const code = await users.mailbox.codeFor(email);
    for (let attempt = 1; attempt <= 5; attempt += 1) expect(await verify(email, other(code))).toBe('CodeInvalid');
    expect(await verify(email, code)).toBe('CodeInvalid');
  });

  it('refuses a code that is too old, and takes a new one', async () => {
    const email = anAddress();
    await register({ email });
    const old = await users.mailbox.codeFor(email);
    await users.sql(
      `update email_codes set created_at = now() - interval '2 hours', expires_at = now() - interval '1 second' where user_id = (select id from users where email = $1)`,
      [email],
    );
    expect(await verify(email, old)).toBe('CodeInvalid');
    expect((await send(RESEND, { email })).__typename).toBe('VerificationMailAccepted');
    expect(await verify(email, await users.mailbox.codeFor(email, 2))).toBe('EmailVerified');
  });

  it('takes a code once, whoever is quicker', async () => {
    const email = anAddress();
    await register({ email });
    const code = await users.mailbox.codeFor(email);
    const outcomes = await Promise.all([verify(email, code), verify(email, code), verify(email, code)]);
    expect(outcomes.sort()).toEqual(['CodeInvalid', 'CodeInvalid', 'EmailVerified']);
  });

  it.each(['', '12345', 'abcdef', '１２３４５６', 'x'.repeat(1_000_000)])('refuses what is no code (%#)', async (code) => {
    expect(await verify(anAddress(), code)).toBe('InvalidInput');
  });

  it('keeps neither code nor letter readable at rest', async () => {
    const email = anAddress();
    await register({ email });
    const code = await users.mailbox.codeFor(email);
    const rows = await users.sql<{ text: string }>(
      `select m::text || coalesce(c::text, '') as text from mails m left join email_codes c using (user_id) where m.to_address = $1`,
      [email],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.text).not.toContain(code);
  });

  it('mails again five times an hour, for unknown addresses alike', async () => {
    const wishes = async (email: string) =>
      (await Promise.all(Array.from({ length: 6 }, () => send(RESEND, { email })))).map(({ __typename }) => __typename).sort();
    for (const email of [anAddress(), (await users.aUser()).email])
      expect(await wishes(email)).toEqual(['RateLimited', ...Array(5).fill('VerificationMailAccepted')]);
  });

  it('sends at most five letters an hour to one account', async () => {
    const email = anAddress();
    await Promise.all(Array.from({ length: 7 }, () => register({ email })));
    expect(await users.sql('select id from mails where to_address = $1', [email])).toHaveLength(5);
  });
});
