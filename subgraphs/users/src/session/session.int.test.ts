import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { actAs } from '@tessera/service-kit/testing';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { anAddress, PASSWORD, startUsers, type UsersUnderTest } from '../../test/users-under-test.ts';
import { sweep } from '../sweep/sweep-users.ts';

const OPEN = `mutation ($input: SessionOpenInput!) { result: sessionOpen(input: $input) {
  __typename ... on SessionOpened { accessToken expiresAt refreshToken user { id email sessions { totalCount } } } ... on Problem { code message } ... on RateLimited { retryAfterMs } } }`;
const REFRESH = `mutation ($input: SessionRefreshInput!) { result: sessionRefresh(input: $input) {
  __typename ... on SessionRefreshed { accessToken refreshToken user { email } } ... on Problem { code } } }`;
const CLOSE = `mutation ($input: SessionCloseInput!) { result: sessionClose(input: $input) { __typename ... on SessionClosed { closedCount } ... on Problem { code } } }`;

interface Outcome {
  __typename: string;
  code?: string;
  accessToken?: string;
  refreshToken?: string;
  closedCount?: number;
  user?: { id: string; email: string; sessions?: { totalCount: number } };
}

let users: UsersUnderTest;
const anyone = actAs.visitor();
beforeAll(async () => {
  users = await startUsers({ loginLimitPerAccount: 3 });
});
afterAll(() => users.close());

async function send(query: string, input: object, viewer: Viewer = anyone, on: UsersUnderTest = users): Promise<Outcome> {
  const { data, errors } = await on.ask(viewer, query, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.result as Outcome; // every operation here has one field, called result
}
const open = (email: string, password = PASSWORD) => send(OPEN, { email, password });
const refresh = (refreshToken?: string) => send(REFRESH, { refreshToken });
const age = (seconds: number) =>
  users.sql(`update refresh_tokens set used_at = used_at - make_interval(secs => $1) where used_at is not null`, [seconds]);

async function claimsOf(accessToken = '') {
  const [route] = users.subgraph.routes;
  const answer = await route?.handler({} as never); // the route reads nothing of the request
  const keys = createLocalJWKSet(JSON.parse(String(answer?.body)) as JSONWebKeySet);
  return (
    await jwtVerify(accessToken, keys, {
      algorithms: ['EdDSA'],
      issuer: 'tessera-users',
      audience: 'tessera',
      typ: 'at+jwt',
      requiredClaims: ['sub', 'sid', 'exp'],
    })
  ).payload;
}
async function viewerOf(accessToken: string | undefined): Promise<Viewer> {
  const { sub, sid } = await claimsOf(accessToken);
  return { ...actAs.user(sub), sessionId: String(sid) };
}

describe('opening a session', () => {
  it('gives an access token that the published keys prove, with roles and scopes', async () => {
    const vendor = await users.aUser({ roles: ['VENDOR'] });
    const opened = await open(vendor.email.toUpperCase());
    expect(opened).toMatchObject({
      __typename: 'SessionOpened',
      user: { id: vendor.id, email: vendor.email, sessions: { totalCount: 1 } },
    });
    const claims = await claimsOf(opened.accessToken);
    expect(claims).toMatchObject({
      sub: vendor.id,
      sid: expect.stringMatching(/^ses_/),
      roles: ['CUSTOMER', 'VENDOR'],
      scope: 'catalog:write orders:vendor stock:read stock:write transfers:batch',
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
    expect(decodeProtectedHeader(opened.accessToken ?? '')).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) });
  });

  it('stores no token that could be used', async () => {
    const { email } = await users.aUser();
    const { refreshToken = '' } = await open(email);
    const rows = await users.sql<{ text: string }>('select t::text as text from refresh_tokens t');
    expect(refreshToken).toMatch(/^[\w-]{43}$/);
    expect(rows.some(({ text }) => text.includes(refreshToken))).toBe(false);
  });

  it('answers a wrong password and an unknown address with the same words', async () => {
    const { email } = await users.aUser();
    const wrong = await open(email, 'a wrong password, long');
    expect(wrong).toMatchObject({ code: 'CREDENTIALS_INVALID' });
    expect(await open(anAddress(), 'a wrong password, long')).toEqual(wrong);
  });

  it('refuses a suspended account only after the right password', async () => {
    const { id, email } = await users.aUser();
    await users.sql('update users set suspended_at = now() where id = $1', [id]);
    expect((await open(email, 'a wrong password, long')).code).toBe('CREDENTIALS_INVALID');
    expect((await open(email)).code).toBe('USER_SUSPENDED');
  });

  it('reads a password however its letters are composed', async () => {
    const email = anAddress();
    await users.subgraph.services.operator.ensureUser({
      email,
      password: 'gru\u0308ne Wiesen u\u0308berall',
      displayName: 'Ida',
      handle: `i${email.slice(1, 12)}`,
      roles: [],
    });
    expect((await open(email, 'gr\u00fcne Wiesen \u00fcberall')).__typename).toBe('SessionOpened');
  });

  it('counts failures only, per account, and then refuses the right password too', async () => {
    const { email } = await users.aUser();
    for (let login = 1; login <= 5; login += 1) expect((await open(email)).__typename).toBe('SessionOpened');
    const guesses = await Promise.all(Array.from({ length: 12 }, (_, guess) => open(email, `a wrong password ${guess}`)));
    const tried = guesses.filter(({ code }) => code === 'CREDENTIALS_INVALID').length;
    expect(tried).toBeGreaterThanOrEqual(3);
    expect(tried).toBeLessThanOrEqual(5); // the limit, and what was being hashed when it was reached
    expect(await open(email)).toMatchObject({ __typename: 'RateLimited', retryAfterMs: expect.any(Number) });
    expect((await open((await users.aUser()).email)).__typename).toBe('SessionOpened');
  });

  it('limits an address without an account alike', async () => {
    const email = anAddress();
    for (let guess = 1; guess <= 3; guess += 1) expect((await open(email, 'a wrong password, long')).code).toBe('CREDENTIALS_INVALID');
    expect((await open(email)).code).toBe('RATE_LIMITED');
  });

  it.each([{ password: '' }, { password: 'x'.repeat(1_000_000) }, { email: `${'x'.repeat(300)}@example.com` }])(
    'refuses input that is no log-in (%#)',
    async (input) => {
      expect((await send(OPEN, { email: anAddress(), password: PASSWORD, ...input })).code).toBe('INVALID_INPUT');
    },
  );
});

describe('refreshing a session', () => {
  it('rotates, and carries roles from the next refresh on', async () => {
    const { id, email } = await users.aUser();
    const opened = await open(email);
    await users.sql(`update users set roles = '{CUSTOMER,VENDOR}' where id = $1`, [id]);
    const refreshed = await refresh(opened.refreshToken);
    expect(refreshed).toMatchObject({ __typename: 'SessionRefreshed', user: { email } });
    expect(refreshed.refreshToken).not.toBe(opened.refreshToken);
    expect(await claimsOf(refreshed.accessToken)).toMatchObject({
      sub: id,
      roles: ['CUSTOMER', 'VENDOR'],
      sid: (await claimsOf(opened.accessToken)).sid,
    });
    expect((await refresh(refreshed.refreshToken)).__typename).toBe('SessionRefreshed');
  });

  it('answers the same successor to those who ask at once and to a retry within the grace', async () => {
    const { refreshToken } = await open((await users.aUser()).email);
    const answers = await Promise.all([refresh(refreshToken), refresh(refreshToken), refresh(refreshToken)]);
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
    await age(5);
    expect((await refresh(refreshToken)).refreshToken).toBe(answers[0]?.refreshToken);
  });

  it('MUST revoke the family when a used token comes back after the grace', async () => {
    const { id, email } = await users.aUser();
    const stolen = await open(email);
    const rotated = await refresh(stolen.refreshToken);
    await age(11);
    expect((await refresh(stolen.refreshToken)).code).toBe('REFRESH_TOKEN_INVALID');
    expect((await refresh(rotated.refreshToken)).code).toBe('REFRESH_TOKEN_INVALID');
    expect((await users.eventsOf(id)).filter((type) => type === 'SessionRevoked')).toHaveLength(1);
    expect(await users.sql('select revoke_reason from sessions where user_id = $1', [id])).toEqual([{ revoke_reason: 'TOKEN_REUSED' }]);
  });

  it('refuses a suspended user and keeps the token unused', async () => {
    const { id, email } = await users.aUser();
    const { refreshToken } = await open(email);
    await users.sql('update users set suspended_at = now() where id = $1', [id]);
    expect((await refresh(refreshToken)).code).toBe('USER_SUSPENDED');
    await users.sql('update users set suspended_at = null where id = $1', [id]);
    expect((await refresh(refreshToken)).__typename).toBe('SessionRefreshed');
  });

  it('refuses tokens that are unknown, missing, or of a session that has ended', async () => {
    const { id, email } = await users.aUser();
    const { refreshToken } = await open(email);
    await users.sql(
      `update sessions set created_at = now() - interval '91 days', expires_at = now() - interval '1 day' where user_id = $1`,
      [id],
    );
    for (const token of [refreshToken, 'x'.repeat(43), '', undefined]) expect((await refresh(token)).code).toBe('REFRESH_TOKEN_INVALID');
    expect((await refresh('x'.repeat(100_000))).code).toBe('INVALID_INPUT');
  });
});

describe('closing sessions', () => {
  it('closes this one, one, or all, and tells once per session', async () => {
    const { id, email } = await users.aUser();
    const [one, two, three] = [await open(email), await open(email), await open(email)];
    const viewer = await viewerOf(one?.accessToken);
    const second = (await viewerOf(two?.accessToken)).sessionId;
    expect(await send(CLOSE, { sessionId: second }, viewer)).toEqual({ __typename: 'SessionClosed', closedCount: 1 });
    expect(await send(CLOSE, { sessionId: second }, viewer)).toEqual({ __typename: 'SessionClosed', closedCount: 0 });
    expect((await refresh(two?.refreshToken)).code).toBe('REFRESH_TOKEN_INVALID');
    expect((await send(CLOSE, {}, viewer)).closedCount).toBe(1);
    expect((await send(CLOSE, { isEverywhere: true }, viewer)).closedCount).toBe(1);
    expect((await refresh(three?.refreshToken)).code).toBe('REFRESH_TOKEN_INVALID');
    expect((await users.eventsOf(id)).filter((type) => type === 'SessionRevoked')).toHaveLength(3);
  });

  it('treats somebody else’s session as one that does not exist', async () => {
    const [mine, theirs] = [await users.aUser(), await users.aUser()];
    const foreign = await open(theirs.email);
    const foreignId = (await viewerOf(foreign.accessToken)).sessionId;
    for (const sessionId of [foreignId, newId('session'), 'x'.repeat(1_000), '']) {
      expect((await send(CLOSE, { sessionId }, mine.viewer)).code).toBe('SESSION_NOT_FOUND');
    }
    expect((await send(CLOSE, { sessionId: foreignId, isEverywhere: true }, mine.viewer)).code).toBe('INVALID_INPUT');
    expect((await refresh(foreign.refreshToken)).__typename).toBe('SessionRefreshed');
  });

  it('is for signed-in callers', async () => {
    const { errors } = await users.ask(anyone, CLOSE, { input: {} });
    expect(errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code: 'UNAUTHENTICATED' }) })]);
  });
});

describe('sweeping', () => {
  it('deletes what ended long ago with its tokens, and nothing else', async () => {
    const { id, email } = await users.aUser();
    const [old, ended] = [await open(email), await open(email)];
    await open(email);
    const [oldId, endedId] = [(await viewerOf(old.accessToken)).sessionId, (await viewerOf(ended.accessToken)).sessionId];
    await users.sql(`update sessions set created_at = now() - interval '130 days', expires_at = now() - interval '31 days' where id = $1`, [
      oldId,
    ]);
    await users.sql(`update sessions set created_at = now() - interval '100 days', expires_at = now() - interval '29 days' where id = $1`, [
      endedId,
    ]);
    expect(await sweep(users.subgraph.platform.orm.em.fork(), new Date())).toBe(1);
    expect(await users.sql('select id from sessions where user_id = $1', [id])).toHaveLength(2);
    expect(await users.sql('select 1 from refresh_tokens where session_id = $1', [oldId])).toEqual([]);
  });
});
