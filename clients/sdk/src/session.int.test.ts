import { afterEach, describe, expect, test } from '@jest/globals';
import { type Asked, aPlatform, type Platform, type Reply } from '../test/a-platform.ts';
import { controlledPace, Look } from '../test/documents.ts';
import { createTesseraClient } from './client.ts';
import { memoryStorage } from './storage.ts';
import { storedTokens } from './tokens.ts';

const QUARTER_MS = 15 * 60_000;
const open: Platform[] = [];

afterEach(async () => {
  for (const platform of open.splice(0)) await platform.close();
});

/** A users subgraph in small: access tokens t1, t2, …; only the newest is good; a refresh token works once. */
async function given({ canRefresh = true } = {}) {
  const pace = controlledPace();
  let issued = 0;
  const pair = (typename: string) => {
    issued += 1;
    return {
      __typename: typename,
      accessToken: `t${issued}`,
      refreshToken: `r${issued}`,
      expiresAt: new Date(pace.now() + QUARTER_MS).toISOString(),
      user: null,
    };
  };
  const problem = (typename: string) => ({
    __typename: typename,
    code: 'REFRESH_TOKEN_INVALID',
    message: 'log in again',
    isRetryable: false,
    path: null,
  });
  const answer = async ({ operationName, variables, headers }: Asked): Promise<Reply> => {
    if (operationName === 'SessionOpen') return { body: { data: { sessionOpen: pair('SessionOpened') } } };
    if (operationName === 'SessionClose') return { body: { data: { sessionClose: { __typename: 'SessionClosed', closedCount: 1 } } } };
    if (operationName === 'SessionRefresh') {
      await new Promise((resolve) => setTimeout(resolve, 30)); // long enough for others to ask meanwhile
      const isGood = canRefresh && (variables.input as { refreshToken: string }).refreshToken === `r${issued}`; // as the operation says
      return { body: { data: { sessionRefresh: isGood ? pair('SessionRefreshed') : problem('RefreshTokenInvalid') } } };
    }
    if (headers.authorization === `Bearer t${issued}`) return { body: { data: { thing: 'yours' } } };
    if (!headers.authorization) return { body: { data: { thing: 'public' } } };
    return { status: 401, body: { errors: [{ message: 'expired', extensions: { code: 'UNAUTHENTICATED' } }] } };
  };
  const platform = await aPlatform({ answer });
  open.push(platform);
  const storage = memoryStorage();
  const newClient = () => createTesseraClient({ url: platform.url, clientName: 'test', pace, storage });
  const revokeAccess = () => {
    issued += 1;
    void storedTokens(storage).write({
      accessToken: 'old',
      refreshToken: `r${issued}`,
      expiresAt: new Date(pace.now() + QUARTER_MS).toISOString(),
    });
  };
  return { platform, pace, storage, newClient, revokeAccess, client: newClient() };
}

const credentials = { email: 'a@tessera.example', password: 'correct horse' };

describe('a session', () => {
  test('authorises the requests after it was opened, and those of a reloaded client', async () => {
    const { client, newClient } = await given();
    expect((await client.query(Look, {})).data.thing).toBe('public');
    expect((await client.session.open(credentials)).__typename).toBe('SessionOpened');
    expect((await client.query(Look, {})).data.thing).toBe('yours');
    expect((await newClient().query(Look, {})).data.thing).toBe('yours');
  });

  test('is renewed before its token ends', async () => {
    const { client, platform, pace } = await given();
    await client.session.open(credentials);
    pace.advance(QUARTER_MS - 10_000);
    await client.query(Look, {});
    expect(platform.asked.map(({ operationName }) => operationName)).toEqual(['SessionOpen', 'SessionRefresh', 'Look']);
  });

  test('is renewed once for all requests that were refused at the same time', async () => {
    const { client, platform, revokeAccess } = await given();
    await client.session.open(credentials);
    revokeAccess();
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.query(Look, {})));
    expect(answers.map(({ data }) => data.thing)).toEqual(Array(8).fill('yours'));
    expect(platform.askedFor('SessionRefresh')).toHaveLength(1);
  });

  test('is not renewed twice for one request', async () => {
    const { client, platform, revokeAccess, storage } = await given();
    await client.session.open(credentials);
    revokeAccess();
    const look = client.query(Look, {});
    await expect(look).resolves.toMatchObject({ data: { thing: 'yours' } });
    await storedTokens(storage).write({ accessToken: 'old', refreshToken: 'used', expiresAt: new Date(9e12).toISOString() });
    await expect(client.query(Look, {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(platform.askedFor('SessionRefresh')).toHaveLength(2);
  });

  test('is forgotten when it cannot be renewed: the next request is anonymous', async () => {
    const { client, revokeAccess } = await given({ canRefresh: false });
    await client.session.open(credentials);
    revokeAccess();
    await expect(client.query(Look, {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED', message: 'log in again' });
    expect(await client.session.isOpen()).toBe(false);
    expect((await client.query(Look, {})).data.thing).toBe('public');
  });

  test('is forgotten when it is closed', async () => {
    const { client, platform } = await given();
    await client.session.open(credentials);
    expect(await client.session.close()).toMatchObject({ __typename: 'SessionClosed' });
    expect(platform.askedFor('SessionClose')[0]?.headers.authorization).toBe('Bearer t1');
    expect(await client.session.isOpen()).toBe(false);
  });
});
