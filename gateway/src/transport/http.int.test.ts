import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createIdentitySigner, createIdentityVerifier, serviceViewer, type Viewer } from '@tessera/service-kit/identity';
import { newIdentityKey } from '../../test/identity-key.ts';
import { ALICE, ALICES_ORDER, bearer, post, startToyPlatform, type ToyPlatform } from '../../test/toy-platform.ts';
import { closeClients, connect, subscribe } from '../../test/toy-socket.ts';
import { httpTransport } from './http.ts';

const identityKey = newIdentityKey();
const { d: _private, ...publicKey } = identityKey;
const verifier = createIdentityVerifier({ keys: { keys: [publicKey] } });

let orders: Server;
let platform: ToyPlatform;
let alice: Record<string, string>;
const received: { headers: IncomingMessage['headers']; viewer: Viewer; url: string }[] = [];
let behave: (request: IncomingMessage, response: ServerResponse, answer: () => Promise<void>) => unknown = (_request, _response, answer) =>
  answer();

/** The HTTP side of the orders toy: identity by signed header, committed events in a header. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const viewer = await verifier.verify(String(request.headers['tessera-identity'])).catch(() => null);
  if (request.url?.startsWith('/files/long')) return writeLong(request.url, response);
  if (request.url !== '/graphql' || !viewer)
    return void response
      .writeHead(request.url === '/files/a' ? 200 : 401, { 'content-type': 'text/plain', 'x-inside': 'secret' })
      .end(`${request.url} ${request.headers.cookie ?? '-'}`);
  received.push({ headers: request.headers, viewer, url: request.url });
  await behave(request, response, async () => {
    const { committed, ...answer } = await platform.orders.execute({ ...JSON.parse(Buffer.concat(chunks).toString()), viewer });
    response
      .writeHead(200, { 'content-type': 'application/json', ...(committed ? { 'tessera-committed': committed } : {}) })
      .end(JSON.stringify(answer));
  });
}

const CHUNK = Buffer.alloc(1024 * 1024, 'x');
const CHUNKS = 40;
let written = 0;

/** More than an answer of GraphQL may be, no faster than it is taken; or half of it, and then the connection breaks. */
async function writeLong(url: string, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/csv', 'content-disposition': 'attachment; filename="long.csv"' });
  async function* chunks() {
    for (written = 0; written < CHUNKS; written += 1) {
      if (url.endsWith('broken') && written === CHUNKS / 2) throw new Error('broken');
      yield CHUNK;
    }
  }
  await pipeline(chunks, response).catch(() => undefined);
}

beforeAll(async () => {
  orders = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => orders.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(orders.address() as AddressInfo).port}`;
  platform = await startToyPlatform({
    redisUrl: 'redis://127.0.0.1:1',
    config: { identityKey },
    answerOrders: () => ({ committed: 'c.1' }),
    places: ({ users }) => ({
      subgraphUrls: { users: 'inprocess:', orders: url, ledger: 'http://127.0.0.1:1' },
      hosted: { users },
      passedPaths: { orders: ['/files/*'] },
    }),
  });
  alice = bearer(await platform.token(ALICE));
});
afterEach(() => {
  received.length = 0;
  behave = (_request, _response, answer) => answer();
});
afterAll(async () => {
  await platform.close();
  orders.closeAllConnections();
  await new Promise((resolve) => orders.close(resolve));
});

const QUERY = `{ order(id: "${ALICES_ORDER}") { id state } quick }`;

describe('a subgraph behind HTTP', () => {
  test('gets a signed identity, and what else belongs to the request', async () => {
    const answer = await post(
      platform.url,
      { query: 'mutation { orderPlace { id } }' },
      { ...alice, 'idempotency-key': 'k', 'tessera-seen': 's.1', cookie: 'tessera_refresh=x', 'x-request-id': 'r-1' },
    );
    expect(answer.data).toEqual({ orderPlace: { id: ALICES_ORDER } });
    expect(answer.headers.get('tessera-committed')).toBe('c.1');
    expect(received).toMatchObject([
      {
        viewer: { userId: ALICE, principal: `user:${ALICE}` },
        headers: { 'idempotency-key': 'k', 'tessera-seen': 's.1', 'x-request-id': 'r-1' },
      },
    ]);
    expect(received[0]?.headers.cookie).toBeUndefined();
    expect(received[0]?.headers.authorization).toBeUndefined();
  });

  test('is asked a question once more when the connection is lost, and a mutation never', async () => {
    let attempts = 0;
    behave = (request, _response, answer) => {
      attempts += 1;
      return attempts === 1 ? request.socket.destroy() : answer();
    };
    expect((await post(platform.url, { query: QUERY }, alice)).data).toEqual({
      order: { id: ALICES_ORDER, state: 'CONFIRMED' },
      quick: 'ok',
    });
    expect(attempts).toBe(2);
    attempts = 0;
    const { data, errors } = await post(platform.url, { query: 'mutation { orderPlace { id } }' }, alice);
    expect([attempts, data, errors[0]?.extensions.code]).toEqual([1, { orderPlace: null }, 'SERVICE_UNAVAILABLE']);
  });

  test.each<[string, typeof behave, string]>([
    ['answers nonsense', (_request, response) => response.writeHead(500).end('<html>password</html>'), 'INTERNAL'],
    ['answers with the wrong shape', (_request, response) => response.writeHead(200).end('{"data":[1]}'), 'INTERNAL'],
    ['hangs up twice', (request) => request.socket.destroy(), 'SERVICE_UNAVAILABLE'],
  ])('that %s leaves its fields null with an error, and the others whole', async (_what, misbehave, code) => {
    behave = misbehave;
    const { status, data, errors } = await post(platform.url, { query: QUERY }, alice);
    expect([status, data]).toEqual([200, { order: null, quick: 'ok' }]);
    expect(errors).toMatchObject([{ path: ['order'], extensions: { code, errorId: expect.any(String) } }]);
    expect(JSON.stringify(errors)).not.toContain('password');
  });

  test('may say null for errors and extensions that it has not, in whichever way it is asked', async () => {
    behave = (_request, response) => response.writeHead(200).end('{"data":{"orderPlace":{"id":"o"}},"errors":null,"extensions":null}');
    expect((await post(platform.url, { query: 'mutation { orderPlace { id } }' }, alice)).data).toEqual({ orderPlace: { id: 'o' } });
    const url = `http://127.0.0.1:${(orders.address() as AddressInfo).port}`;
    const transport = httpTransport('orders', { url }, createIdentitySigner({ privateKey: identityKey }));
    const answer = await transport.execute({ query: 'mutation { orderPlace { id } }', viewer: serviceViewer('gateway') }, 5_000);
    await transport.close();
    expect(answer).toEqual({ data: { orderPlace: { id: 'o' } }, errors: [], committed: null });
  });

  test('that does not answer is given up', async () => {
    behave = () => undefined;
    const startedAt = performance.now();
    const { data, errors } = await post(platform.url, { query: QUERY }, alice);
    expect([data, errors[0]?.extensions.code]).toEqual([{ order: null, quick: 'ok' }, 'TIMEOUT']);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  test('that is down is missing at its entities, with their paths', async () => {
    const { data, errors } = await post(platform.url, { query: '{ orders { id state ledgerTransfers { id } } }' }, alice);
    expect(data).toEqual({ orders: [{ id: ALICES_ORDER, state: 'CONFIRMED', ledgerTransfers: null }] });
    expect(errors).toMatchObject([{ path: ['orders', 0], extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
  });

  test('that is Redis takes the live events with it, and nothing else', async () => {
    const subscribed = subscribe(connect(platform.url, String(alice.authorization).slice(7)), 'subscription { orderUpdated { kind } }', {});
    expect((await subscribed.failed())[0]).toMatchObject({ extensions: { code: 'SERVICE_UNAVAILABLE' } });
    expect((await post(platform.url, { query: '{ quick }' })).data).toEqual({ quick: 'ok' });
    await closeClients();
  });

  test('is reported, but does not make the gateway unready', async () => {
    const response = await fetch(`${platform.url}/health/ready`);
    expect([response.status, await response.json()]).toMatchObject([200, { soft: { orders: 'ok', ledger: 'failed' } }]);
  });

  test('gets its ways in passed through, without cookies in and without its own headers out', async () => {
    const response = await fetch(`${platform.url}/files/a`, { headers: { cookie: 'a=b' } });

    expect([response.status, await response.text(), response.headers.get('x-inside')]).toEqual([200, '/files/a -', null]);
  });
  test('streams a long answer through, whole, no faster than the client takes it', async () => {
    const response = await fetch(`${platform.url}/files/long`);
    expect([response.status, response.headers.get('content-disposition')]).toEqual([200, 'attachment; filename="long.csv"']);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(CHUNKS);
    let bytes = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) bytes += chunk.length;
    expect(bytes).toBe(CHUNKS * CHUNK.length);
  });

  test('MUST NOT make half an answer look whole', async () => {
    const response = await fetch(`${platform.url}/files/long/broken`);
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  test('is left alone once the client is gone', async () => {
    const leave = new AbortController();
    const response = await fetch(`${platform.url}/files/long`, { signal: leave.signal });
    expect(response.status).toBe(200);
    leave.abort();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = written;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBe(before);
    expect(written).toBeLessThan(CHUNKS);
  });
});
