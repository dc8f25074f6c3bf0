import { afterEach, describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { WebSocket } from 'ws';
import { aPlatform, type Platform, type PlatformScript } from '../test/a-platform.ts';
import { type Tick, Ticks } from '../test/documents.ts';
import { createTesseraClient, type TesseraClient } from './client.ts';
import type { ClientOptions } from './options.ts';
import type { SubscribeOptions } from './subscription.ts';
import type { SessionTokens } from './tokens.ts';

const quick = { reconnectBackoff: { firstMs: 5, maxMs: 20 }, backoff: { firstMs: 5, maxMs: 20 } };
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function given(script: PlatformScript, options: Partial<ClientOptions> = {}): Promise<{ platform: Platform; client: TesseraClient }> {
  const platform = await aPlatform(script);
  const { limits, ...others } = options;
  const client = createTesseraClient({
    url: platform.url,
    clientName: 'test',
    webSocket: WebSocket,
    limits: { ...quick, ...limits },
    ...others,
  });
  closing.push(platform.close, client.close);
  return { platform, client };
}

function tick(figure: number, kind = 'TICK', cursor = `c${figure}`): { data: { ticked: Tick['ticked'] } } {
  return { data: { ticked: { cursor, kind, figure } } };
}

/** Figures behind the cursor, up to the last. */
function* ticksAfter(after: unknown, last: number) {
  const from = typeof after === 'string' ? Number(after.slice(1)) : 0;
  for (let figure = from + 1; figure <= last; figure += 1) yield tick(figure);
}

async function take(client: TesseraClient, count: number, options: SubscribeOptions = {}): Promise<number[]> {
  const figures: number[] = [];
  for await (const { data } of client.subscribe(Ticks, {}, options)) {
    figures.push(data.ticked.figure);
    if (figures.length === count) break;
  }
  return figures;
}

describe('a subscription', () => {
  test.each([
    ['a cut line', (socket: WebSocket) => socket.terminate()],
    ['a deploy', (socket: WebSocket) => socket.close(1012, 'restart')],
    ['an orderly close', (socket: WebSocket) => socket.close(1000, 'bye')],
  ])('goes on behind the last event after %s, without loss and without repetition', async (_name, cut) => {
    const { platform, client } = await given({
      events: async function* ({ variables, socket }, count) {
        if (count > 1) yield tick(Number(String(variables.after).slice(1))); // an overlap that a client must not see
        yield* ticksAfter(variables.after, count === 3 ? 9 : count * 3);
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (count < 3) cut(socket);
        await new Promise((resolve) => setTimeout(resolve, 200));
      },
    });
    expect(await take(client, 9)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(platform.subscribed.map(({ variables }) => variables.after)).toEqual([undefined, 'c3', 'c6']);
  });

  test('tells when nothing says from where to go on', async () => {
    const reconnects: boolean[] = [];
    const { client } = await given({
      events: async function* ({ socket }, count) {
        if (count === 1) socket.terminate();
        else yield tick(1);
        if (count === 2) socket.terminate();
        else yield tick(2);
      },
    });
    expect(await take(client, 2, { onReconnect: ({ isResumed }) => reconnects.push(isResumed) })).toEqual([1, 2]);
    expect(reconnects).toEqual([false, true]);
  });

  test('renews the session when its socket is closed with 4403, and resumes', async () => {
    let tokens: SessionTokens | null = { accessToken: 't1', refreshToken: 'r1', expiresAt: '2999-01-01T00:00:00.000Z' };
    const { platform, client } = await given(
      {
        answer: () => ({
          body: {
            data: {
              sessionRefresh: {
                __typename: 'SessionRefreshed',
                accessToken: 't2',
                refreshToken: 'r2',
                expiresAt: '2999-01-01T00:00:00.000Z',
              },
            },
          },
        }),
        events: async function* ({ variables, socket }, count) {
          yield* ticksAfter(variables.after, count * 2);
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (count === 1) socket.close(4403, 'Token expired');
        },
      },
      {
        tokenStore: {
          read: () => tokens,
          write: (written) => {
            tokens = written;
          },
        },
      },
    );
    expect(await take(client, 4)).toEqual([1, 2, 3, 4]);
    expect(platform.subscribed.map(({ authorization }) => authorization)).toEqual(['Bearer t1', 'Bearer t2']);
    expect(platform.askedFor('SessionRefresh')).toHaveLength(1);
  });

  test('ends with UNAUTHENTICATED when there is no session to renew', async () => {
    const { client } = await given({ admits: () => false });
    await expect(take(client, 1)).rejects.toMatchObject({ name: 'TesseraRequestError', code: 'UNAUTHENTICATED' });
  });

  test('ends with the refusal of the platform', async () => {
    const { platform, client } = await given({ refuses: () => 'FORBIDDEN' });
    await expect(take(client, 1)).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'refused' });
    expect(platform.subscribed).toHaveLength(1);
  });

  test('comes back when a part of the platform was asleep', async () => {
    let count = 0;
    const { platform, client } = await given({
      refuses: () => {
        count += 1;
        return count < 3 ? 'SERVICE_UNAVAILABLE' : null;
      },
      events: async function* () {
        yield tick(1);
      },
    });
    expect(await take(client, 1)).toEqual([1]);
    expect(platform.subscribed).toHaveLength(3);
  });

  test('gives up after the bound', async () => {
    const { platform, client } = await given(
      {
        events: async function* ({ socket }) {
          socket.terminate();
          yield tick(0);
        },
      },
      { limits: { ...quick, reconnects: 3 } },
    );
    await expect(take(client, 1)).rejects.toMatchObject({ code: 'NETWORK' });
    expect(platform.subscribed).toHaveLength(4);
  });

  test('hands on every event of a snapshot', async () => {
    const { client } = await given({
      events: async function* () {
        yield* [tick(1), tick(101, 'RESYNC', 'snapshot'), tick(102, 'RESYNC', 'snapshot'), tick(103)];
      },
    });
    expect(await take(client, 4)).toEqual([1, 101, 102, 103]);
  });

  test('loses nothing when its consumer is slower than its buffer', async () => {
    const { platform, client } = await given(
      {
        events: async function* ({ variables }) {
          yield* ticksAfter(variables.after, 60);
        },
      },
      { limits: { ...quick, bufferedEvents: 10 } },
    );
    const figures: number[] = [];
    for await (const { data } of client.subscribe(Ticks, {})) {
      figures.push(data.ticked.figure);
      if (figures.length === 1) await new Promise((resolve) => setTimeout(resolve, 50));
      if (figures.length === 60) break;
    }
    expect(figures).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(platform.subscribed.length).toBeGreaterThan(1);
  });

  test('unsubscribes when the loop is left, or its signal fires', async () => {
    let listening = 0;
    const { client } = await given({
      events: async function* () {
        listening += 1;
        try {
          for (let figure = 1; ; figure += 1) {
            yield tick(figure);
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        } finally {
          listening -= 1;
        }
      },
    });
    await take(client, 2);
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(new Error('left')), 50);
    await expect(take(client, 1_000, { signal: leaving.signal })).rejects.toThrow('left');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(listening).toBe(0);
  });

  test('refuses a document that could not resume', async () => {
    const { client } = await given({});
    const forgetful = parse('subscription Ticks { ticked { figure } }');
    await expect(client.subscribe(forgetful, {}).next()).rejects.toThrow(TypeError);
  });
});
