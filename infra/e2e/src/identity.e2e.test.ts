import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { genuineAccessToken, query, SEED_PASSWORD, signedIdentity } from '@tessera/local';
import { ask, send } from './graph/ask.ts';
import { must } from './graph/must.ts';
import { type Person, register } from './graph/people.ts';
import { sharedPlatform } from './platform/platform.ts';

const platform = sharedPlatform();
const ME = '{ me { id } }';
const OPEN = `mutation Open($input: SessionOpenInput!) {
  sessionOpen(input: $input) { __typename ... on SessionOpened { accessToken refreshToken } ... on Problem { code } }
}`;
const REFRESH = `mutation Refresh($input: SessionRefreshInput!) {
  sessionRefresh(input: $input) { __typename ... on SessionRefreshed { accessToken refreshToken } ... on Problem { code } }
}`;
/** Longer ago than a retry may come. */
const AGE_TOKENS = "update refresh_tokens set used_at = used_at - interval '1 minute' where used_at is not null";

interface Me {
  readonly me: { readonly id: string } | null;
}
interface Tokens {
  readonly __typename: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

let person: Person;
beforeAll(async () => {
  person = await register(platform);
});

async function open({ email, password }: Person, headers = {}) {
  const answer = await ask<{ sessionOpen: Tokens }>(platform.url, { query: OPEN, variables: { input: { email, password } }, headers });
  return { answer, tokens: must(answer.data?.sessionOpen, 'a session') };
}

const refresh = (refreshToken: string) =>
  ask<{ sessionRefresh: Tokens }>(platform.url, { query: REFRESH, variables: { input: { refreshToken } } });

describe('an access token', () => {
  const stack = { usersUrl: platform.databases.users ?? '', secretsFile: join(platform.dataDir, 'secrets.json') };
  const claims = (iat: number) => ({
    sid: 'ses_e2e',
    roles: ['CUSTOMER'],
    scope: '',
    iss: 'tessera-users',
    aud: 'tessera',
    sub: person.id,
    iat,
    exp: iat + 900,
  });
  const now = () => Math.floor(Date.now() / 1_000);

  test('that has expired is refused as such, and only for that reason', async () => {
    const fresh = await ask<Me>(platform.url, { query: ME, token: await genuineAccessToken(claims(now()), stack) });
    const expired = await ask<Me>(platform.url, { query: ME, token: await genuineAccessToken(claims(now() - 910), stack) });

    expect(fresh.data?.me?.id).toBe(person.id);
    expect([expired.status, ...expired.codes]).toEqual([401, 'UNAUTHENTICATED']);
    expect(expired.errors[0]?.message).toMatch(/expired/);
    expect(expired.headers.get('www-authenticate')).toBe('Bearer');
  });

  test.each(['garbage', 'a.b.c', `${'x'.repeat(9_000)}`])('that is none is refused, never taken for a visitor: %.10s', async (token) => {
    const answer = await ask<Me>(platform.url, { query: ME, token });
    expect([answer.status, ...answer.codes]).toEqual([401, 'UNAUTHENTICATED']);
    expect(answer.data).toBeUndefined();
  });

  test('with changed claims is refused', async () => {
    const [head, payload = '', signature] = person.accessToken.split('.');
    const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), roles: ['ADMIN'], scope: 'users:read ledger:read' };
    const token = [head, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
    expect((await ask(platform.url, { query: ME, token })).codes).toEqual(['UNAUTHENTICATED']);
  });

  test('is not taken from the signed identity that services use among themselves', async () => {
    const identity = await signedIdentity({ user: person.id, roles: ['ADMIN'] }, stack.secretsFile);
    expect((await ask(platform.url, { query: ME, token: identity })).codes).toEqual(['UNAUTHENTICATED']);
  });
});

describe('a visitor', () => {
  test('may look round, and is nobody', async () => {
    const answer = await ask<Me & { products: unknown }>(platform.url, {
      query: '{ me { id } products(first: 1) { edges { node { id } } } }',
    });
    expect([answer.status, answer.data?.me, ...answer.codes]).toEqual([200, null]);
    expect(answer.data?.products).toBeTruthy();
  });

  test('is told what needs a log-in, by field, while the rest is answered', async () => {
    const answer = await ask<{ orders: unknown }>(platform.url, {
      query: '{ me { id } order(id: "ord_01jd0000000000000000000000") { id } user(id: "x") { id } }',
    });
    expect(answer.codes).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    expect(answer.errors.map(({ path }) => path)).toEqual([['order'], ['user']]);
  });

  test('gains nothing from headers that look like an identity', async () => {
    const identity = await signedIdentity({ user: person.id, roles: ['ADMIN'] }, join(platform.dataDir, 'secrets.json'));
    const headers = {
      'tessera-identity': identity,
      'x-user-id': person.id,
      'x-tessera-user': person.id,
      'x-forwarded-user': person.id,
      'tessera-visitor': `${person.id}.x`,
    };
    const answer = await ask<Me>(platform.url, { query: '{ me { id } users(first: 1) { totalCount } }', headers });
    expect(answer.data?.me ?? null).toBeNull();
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
  });

  test('reaches nothing at the own port of a subgraph without an identity of the gateway', async () => {
    for (const url of Object.values(platform.subgraphs)) {
      const request = {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${person.accessToken}` },
        body: JSON.stringify({ query: '{ __typename }' }),
      };
      const answer = await send(`${url}/graphql`, request);
      expect([answer.status, ...answer.codes]).toEqual([401, 'UNAUTHENTICATED']);
    }
  });
});

test('somebody without the scope is refused the field, and told that by its path', async () => {
  const answer = await ask(platform.url, { query: '{ me { id } ledgerProof { isOk } }', token: person.accessToken });
  expect(answer.codes).toEqual(['FORBIDDEN']);
  expect(answer.errors[0]?.path).toEqual(['ledgerProof']);
});

describe('a refresh token', () => {
  test('gives new tokens, the same ones to a retry', async () => {
    const { tokens } = await open(person);
    const [first, retry] = [await refresh(tokens.refreshToken), await refresh(tokens.refreshToken)];
    const renewed = first.data?.sessionRefresh;

    expect(renewed?.__typename).toBe('SessionRefreshed');
    expect(renewed?.refreshToken).not.toBe(tokens.refreshToken);
    expect(retry.data?.sessionRefresh.refreshToken).toBe(renewed?.refreshToken);
    expect((await ask<Me>(platform.url, { query: ME, token: renewed?.accessToken })).data?.me?.id).toBe(person.id);
  });

  test('that is used again later ends the whole session', async () => {
    const { tokens } = await open(person);
    const renewed = must((await refresh(tokens.refreshToken)).data, 'an answer').sessionRefresh;
    await query(platform.databases.users ?? '', AGE_TOKENS);
    const reused = await refresh(tokens.refreshToken);
    const successor = await refresh(renewed.refreshToken);

    expect(reused.data?.sessionRefresh.__typename).toBe('RefreshTokenInvalid');
    expect(successor.data?.sessionRefresh.__typename).toBe('RefreshTokenInvalid');
  });
});

describe('a browser session', () => {
  const web = { 'tessera-client': 'web' };
  const cookiesOf = (headers: Headers) => headers.getSetCookie();
  const jarOf = (headers: Headers) =>
    cookiesOf(headers)
      .map((cookie) => cookie.split(';')[0])
      .join('; ');

  test('keeps its tokens in cookies that scripts cannot read, and out of the body', async () => {
    const { answer, tokens } = await open(person, web);
    const sessionCookies = cookiesOf(answer.headers).filter((cookie) => /^tessera_(access|refresh)=/.test(cookie));

    expect([tokens.__typename, tokens.accessToken, tokens.refreshToken]).toEqual(['SessionOpened', '', '']);
    expect(sessionCookies).toHaveLength(2);
    for (const cookie of sessionCookies) expect(cookie).toMatch(/HttpOnly; SameSite=Lax/);
    const me = await ask<Me>(platform.url, { query: ME, headers: { ...web, cookie: jarOf(answer.headers) } });
    expect(me.data?.me?.id).toBe(person.id);
  });

  test('is not there for a request that another site could make', async () => {
    const { answer } = await open(person, web);
    const cookie = jarOf(answer.headers);
    const withoutHeader = await ask<Me>(platform.url, { query: ME, headers: { cookie } });
    const form = await send(`${platform.url}/graphql`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'text/plain' },
      body: JSON.stringify({ query: ME }),
    });
    const preflight = await fetch(`${platform.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'tessera-client',
      },
    });

    expect(withoutHeader.data?.me).toBeNull();
    expect([form.status, ...form.codes]).toEqual([400, 'BAD_USER_INPUT']);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect(preflight.headers.get('access-control-allow-headers')).toBeNull();
  });

  test('is renewed and closed by its cookies', async () => {
    const { answer } = await open(person, web);
    const renewal = await ask<{ sessionRefresh: Tokens }>(platform.url, {
      query: REFRESH,
      variables: { input: {} },
      headers: { ...web, cookie: jarOf(answer.headers) },
    });
    expect([renewal.data?.sessionRefresh.__typename, renewal.data?.sessionRefresh.refreshToken]).toEqual(['SessionRefreshed', '']);
    const close = 'mutation { sessionClose(input: {}) { __typename ... on SessionClosed { closedCount } } }';
    const closed = await ask(platform.url, { query: close, headers: { ...web, cookie: jarOf(renewal.headers) } });

    expect(closed.data).toMatchObject({ sessionClose: { __typename: 'SessionClosed', closedCount: 1 } });
    expect(cookiesOf(closed.headers).filter((cookie) => /^tessera_(access|refresh)=;.*Max-Age=0/.test(cookie))).toHaveLength(2);
  });
});

test('a wrong password and an unknown address get the same answer', async () => {
  const input = (email: string, password: string) => ({ query: OPEN, variables: { input: { email, password } } });
  const answers = await Promise.all([
    ask<{ sessionOpen: Tokens }>(platform.url, input(person.email, 'not-the-password')),
    ask<{ sessionOpen: Tokens }>(platform.url, input('nobody-at-all@tessera.example', SEED_PASSWORD)),
  ]);
  expect(answers.map(({ data }) => data?.sessionOpen)).toEqual([
    { __typename: 'CredentialsInvalid', code: 'CREDENTIALS_INVALID' },
    { __typename: 'CredentialsInvalid', code: 'CREDENTIALS_INVALID' },
  ]);
});
