import { afterEach, describe, expect, test } from '@jest/globals';
import { aPlatform, type Platform, type PlatformScript } from '../test/a-platform.ts';
import { Act, controlledPace, Look } from '../test/documents.ts';
import { createTesseraClient } from './client.ts';
import { TesseraRequestError } from './errors.ts';
import type { ClientOptions } from './options.ts';
import { memoryStorage } from './storage.ts';

const done = { body: { data: { act: { __typename: 'Done', id: 'a' } } } };
const open: Platform[] = [];

async function given(script: PlatformScript, options: Partial<ClientOptions> = {}) {
  const platform = await aPlatform(script);
  open.push(platform);
  const pace = controlledPace();
  const newClient = () => createTesseraClient({ url: platform.url, clientName: 'test', pace, ...options });
  return { platform, pace, newClient, client: newClient() };
}

afterEach(async () => {
  for (const platform of open.splice(0)) await platform.close();
});

const keysOf = (platform: Platform) => platform.askedFor('Act').map(({ headers }) => headers['idempotency-key']);

describe('one key per intent', () => {
  test('keeps the key when the answer gets lost', async () => {
    const { platform, client } = await given({
      answer: ({ operationName }, count) => (operationName === 'Act' && count === 1 ? 'drop' : done),
    });
    const { data } = await client.mutate(Act, {});
    expect(data.act).toEqual({ __typename: 'Done', id: 'a' });
    expect(keysOf(platform)).toHaveLength(2);
    expect(new Set(keysOf(platform)).size).toBe(1);
  });

  test('takes a new key for the next call', async () => {
    const { platform, client } = await given({ answer: () => done });
    await client.mutate(Act, {});
    await client.mutate(Act, {});
    expect(new Set(keysOf(platform)).size).toBe(2);
  });

  test('keeps the key of a named intent over a reload, until the platform has decided', async () => {
    let isDown = true;
    const storage = memoryStorage();
    const answer = ({ operationName }: { operationName: string }) => (isDown && operationName === 'Act' ? ('drop' as const) : done);
    const { platform, client, newClient } = await given({ answer }, { storage, limits: { attempts: 2 } });
    await expect(client.mutate(Act, {}, { intent: 'checkout:1' })).rejects.toMatchObject({ code: 'NETWORK' });
    isDown = false;
    const reloaded = newClient();
    await reloaded.mutate(Act, {}, { intent: 'checkout:1' });
    await reloaded.mutate(Act, {}, { intent: 'checkout:1' });
    const [first, second, third, fourth] = keysOf(platform);
    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
  });

  test('gives both of two calls at once the same key', async () => {
    const { platform, client } = await given({ answer: () => done });
    await Promise.all([client.mutate(Act, {}, { intent: 'pay' }), client.mutate(Act, {}, { intent: 'pay' })]);
    expect(new Set(keysOf(platform)).size).toBe(1);
  });

  test('waits as long as a key in progress asks for', async () => {
    const inProgress = { body: { data: { act: { __typename: 'IdempotencyInProgress', retryAfterMs: 1_500 } } } };
    const { platform, pace, client } = await given({
      answer: ({ operationName }, count) => (operationName === 'Act' && count < 3 ? inProgress : done),
    });
    const { data } = await client.mutate(Act, {});
    expect(data.act.__typename).toBe('Done');
    expect(pace.slept).toEqual([1_500, 1_500]);
    expect(new Set(keysOf(platform)).size).toBe(1);
  });

  test('answers a key that stays in progress as an outcome, and keeps the intent', async () => {
    const inProgress = { body: { data: { act: { __typename: 'IdempotencyInProgress', retryAfterMs: 1 } } } };
    const { platform, client } = await given({ answer: () => inProgress }, { limits: { attempts: 2 } });
    const { data } = await client.mutate(Act, {}, { intent: 'pay' });
    await client.mutate(Act, {}, { intent: 'pay' });
    expect(data.act.__typename).toBe('IdempotencyInProgress');
    expect(new Set(keysOf(platform)).size).toBe(1);
  });
});

describe('attempts', () => {
  test.each([
    ['a status of 503 without GraphQL', { status: 503, body: 'upstream' }],
    [
      'SERVICE_UNAVAILABLE at the root',
      { body: { data: null, errors: [{ message: 'asleep', path: ['thing'], extensions: { code: 'SERVICE_UNAVAILABLE' } }] } },
    ],
    [
      'TIMEOUT at the root',
      { body: { data: { thing: null }, errors: [{ message: 'slow', path: ['thing'], extensions: { code: 'TIMEOUT' } }] } },
    ],
  ])('asks again after %s', async (_name, failure) => {
    const { platform, client } = await given({
      answer: (_asked, count) => (count === 1 ? failure : { body: { data: { thing: 'here' } } }),
    });
    expect((await client.query(Look, {})).data).toEqual({ thing: 'here' });
    expect(platform.asked).toHaveLength(2);
  });

  test('ends after the bound, with doubling waits', async () => {
    const { platform, pace, client } = await given(
      { answer: () => 'drop' },
      { limits: { attempts: 4, backoff: { firstMs: 100, maxMs: 300 } } },
    );
    await expect(client.query(Look, {})).rejects.toMatchObject({ code: 'NETWORK' });
    expect(platform.asked).toHaveLength(4);
    expect(pace.slept).toEqual([50, 100, 150]);
  });

  test.each(['BAD_USER_INPUT', 'FORBIDDEN', 'INTERNAL'])('does not ask again after %s', async (code) => {
    const { platform, client } = await given({
      answer: () => ({ status: 400, body: { errors: [{ message: 'no', extensions: { code } }] } }),
    });
    await expect(client.query(Look, {})).rejects.toMatchObject({ name: 'TesseraRequestError', code, message: 'no' });
    expect(platform.asked).toHaveLength(1);
  });

  test('answers what is there when a part deeper down is missing', async () => {
    const errors = [{ message: 'asleep', path: ['thing', 'rating'], extensions: { code: 'SERVICE_UNAVAILABLE' } }];
    const { client } = await given({ answer: () => ({ body: { data: { thing: 'here' }, errors } }) });
    expect(await client.query(Look, {})).toEqual({ data: { thing: 'here' }, errors, isReplayed: false, isStale: false });
  });

  test('carries partial data in the error of a refused root field', async () => {
    const errors = [{ message: 'no', path: ['secret'], extensions: { code: 'FORBIDDEN' } }];
    const { client } = await given({ answer: () => ({ body: { data: { thing: 'here', secret: null }, errors } }) });
    const error: unknown = await client.query(Look, {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TesseraRequestError);
    expect(error).toMatchObject({ code: 'FORBIDDEN', data: { thing: 'here', secret: null }, errors });
  });

  test('ends at once when its signal fires', async () => {
    const { client } = await given({ answer: () => 'drop' });
    await expect(client.query(Look, {}, { signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow('left');
  });
});

describe('headers', () => {
  test('tells the next requests what this client has caused, for a few seconds', async () => {
    const { platform, pace, client } = await given({
      answer: ({ operationName }) =>
        operationName === 'Act' ? { ...done, headers: { 'tessera-committed': 'e1.sig,e2.sig' } } : { body: { data: { thing: null } } },
    });
    await client.mutate(Act, {});
    await client.query(Look, {});
    pace.advance(6_000);
    await client.query(Look, {});
    expect(platform.askedFor('Look').map(({ headers }) => headers['tessera-seen'])).toEqual(['e1.sig,e2.sig', undefined]);
  });

  test('is the same visitor from the first attempt of the first mutation', async () => {
    let visitors = 0;
    const answer = ({ operationName, headers }: { operationName: string; headers: Record<string, unknown> }, count: number) => {
      if (operationName === 'Act' && count === 1) return 'drop' as const;
      visitors += headers['tessera-visitor'] ? 0 : 1;
      return { ...done, headers: { 'tessera-visitor': String(headers['tessera-visitor'] ?? `vis_${visitors}`) } };
    };
    const { platform, client } = await given({ answer });
    await client.mutate(Act, {});
    expect(platform.askedFor('Act').map(({ headers }) => headers['tessera-visitor'])).toEqual(['vis_1', 'vis_1']);
  });

  test('tells that an outcome is a replay, and that an answer is stale', async () => {
    const extensions = { idempotency: { replayed: true, fields: { act: true } }, stale: true };
    const { client } = await given({ answer: () => ({ body: { data: { act: { __typename: 'Done', id: 'a' } }, extensions } }) });
    expect(await client.mutate(Act, {})).toMatchObject({ isReplayed: true, isStale: true });
  });
});
