import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { OpenAttempt } from '../provider-adapter.ts';
import { createStripeAdapter, type StripeAdapter } from './stripe-adapter.ts';

const TIMEOUT_MS = 300;

interface Server {
  readonly requests: IncomingMessage[];
  readonly adapter: StripeAdapter;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Something that is spoken to as if it were Stripe. */
async function serverThat(answer: Answer): Promise<Server> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume().on('end', () => answer(response, request));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP server
  const adapter = createStripeAdapter({
    secretKey: 'sk_test_1',
    webhookSecrets: [],
    publishableKey: null,
    apiBase: `http://127.0.0.1:${port}`,
    timeoutMs: TIMEOUT_MS,
    toleranceS: 300,
  });
  closing.push(async () => {
    adapter.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { requests, adapter };
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => {
  return (response) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

/** Headers and a part of the body arrive. */
const cutShort: Answer = (response) => {
  response.writeHead(200, { 'content-length': 99 }).write('{"id":', () => response.destroy());
};

const attempt: OpenAttempt = {
  attemptId: 'att_1',
  paymentId: 'pay_1',
  orderId: null,
  amount: { currency: 'USD', minor: 1_000n },
  description: 'An order',
  firstAskedAt: new Date('2026-01-01T00:00:00.400Z'),
  returnUrl: 'https://shop.example/paid',
  cancelUrl: 'https://shop.example/left',
};

const session = { id: 'cs_1', object: 'checkout.session', status: 'open', url: 'https://pay.example', payment_intent: null };

describe('a request to Stripe', () => {
  it('carries the key as given, the pinned version and no telemetry', async () => {
    const { adapter, requests } = await serverThat(json(200, session, { 'request-id': 'req_1' }));
    await adapter.openPage(attempt, 'key_1');
    await adapter.openPage(attempt, 'key_2');
    const [first, second] = requests.map(({ headers }) => headers);
    expect(first).toMatchObject({ 'idempotency-key': 'key_1', 'stripe-version': '2026-10-28.endive', authorization: 'Bearer sk_test_1' });
    expect(second).toMatchObject({ 'idempotency-key': 'key_2' });
    expect(second).not.toHaveProperty('x-stripe-client-telemetry');
  });

  it.each([
    ['the connection breaks', (response: ServerResponse) => response.socket?.resetAndDestroy(), 'CONNECTION_LOST'],
    ['the answer is cut short', cutShort, 'CONNECTION_LOST'],
    ['no answer comes', () => undefined, 'TIMEOUT'],
    ['Stripe fails', json(500, { error: { type: 'api_error', message: 'no' } }), 'PROVIDER_FAILED'],
    ['Stripe has kept a failure', json(500, { error: { type: 'api_error' } }, { 'idempotent-replayed': 'true' }), 'FAILURE_KEPT'],
    ['its key is in use', json(409, { error: { type: 'idempotency_error', code: 'idempotency_key_in_use' } }), 'KEY_IN_USE'],
    ['a gateway answers', (response: ServerResponse) => response.writeHead(502).end('<html>'), 'PROVIDER_FAILED'],
    ['a gateway answers JSON', json(503, { detail: 'no' }), 'NO_USABLE_ANSWER'],
  ])('MUST be UNKNOWN and not be sent twice unseen when %s', async (_, answer, reason) => {
    const { adapter, requests } = await serverThat(answer);
    await expect(adapter.openPage(attempt, 'key_1')).rejects.toMatchObject({ name: 'ProviderError', code: 'UNKNOWN', reason });
    expect(requests).toHaveLength(1);
  });

  it('MUST be the same however late it is repeated, as a key is good for one request', async () => {
    const bodies: string[] = [];
    const { adapter } = await serverThat((response, request) => {
      bodies.push(String(request.headers['content-length']));
      json(200, session)(response, request);
    });
    await adapter.openPage(attempt, 'key_1');
    await adapter.openPage({ ...attempt, firstAskedAt: new Date(attempt.firstAskedAt) }, 'key_1');
    expect(new Set(bodies).size).toBe(1);
  });

  it('whose answer was kept from earlier is followed by a look at how things are', async () => {
    const { adapter, requests } = await serverThat((response, request) => {
      if (request.method === 'POST') json(200, session, { 'idempotent-replayed': 'true' })(response, request);
      else json(200, { ...session, status: 'expired', url: null })(response, request);
    });
    await expect(adapter.openPage(attempt, 'key_1')).resolves.toMatchObject({ kind: 'CLOSED', reason: 'SESSION_EXPIRED' });
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });
});

describe('an adapter for Stripe', () => {
  const options = { secretKey: 'sk_test_1', webhookSecrets: ['whsec_1'], publishableKey: 'pk_test_1', timeoutMs: 1, toleranceS: 300 };

  it('does not start with a blank secret or a tolerance that lets in everything', () => {
    expect(() => createStripeAdapter({ ...options, webhookSecrets: ['whsec_1', ' '] })).toThrow(RangeError);
    expect(() => createStripeAdapter({ ...options, toleranceS: 0 })).toThrow(RangeError);
    expect(createStripeAdapter(options)).toMatchObject({ name: 'STRIPE', publishableKey: 'pk_test_1' });
  });
});
