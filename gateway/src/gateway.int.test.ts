import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateKeyPair } from 'jose';
import { ALICE, ALICES_ORDER, BOBS_ORDER, bearer, post, startToyPlatform, type ToyPlatform } from '../test/toy-platform.ts';

let platform: ToyPlatform;
let alice: Record<string, string>;
const isReplay = new Set<string>();

beforeAll(async () => {
  platform = await startToyPlatform({
    answerOrders: (request) => {
      if (!request.query.includes('orderPlace')) return { extensions: request.seen?.includes('stale') ? { stale: true } : {} };
      const replayed = isReplay.has(request.idempotencyKey ?? '');
      return { committed: 'token-of-orders', extensions: { idempotency: { replayed: { orderPlace: replayed } } } };
    },
  });
  alice = bearer(await platform.token(ALICE));
});
afterAll(() => platform.close());

const ORDER = `{ order(id: "${ALICES_ORDER}") { id state customer { handle } ledgerTransfers { amount { minor } } } }`;

describe('executing', () => {
  test('joins what several subgraphs answer', async () => {
    const { status, data, errors } = await post(platform.url, { query: ORDER }, alice);
    expect([status, errors]).toEqual([200, []]);
    expect(data).toEqual({
      order: { id: ALICES_ORDER, state: 'CONFIRMED', customer: { handle: 'alice' }, ledgerTransfers: [{ amount: { minor: '4200' } }] },
    });
  });

  test('hands the verified viewer, trace, key and what was seen to every fetch', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    platform.orders.seen.length = 0;
    await post(
      platform.url,
      { query: 'mutation { orderPlace { id } }' },
      { ...alice, traceparent, 'idempotency-key': 'k1', 'tessera-seen': 'a.b', 'x-request-id': 'r1' },
    );
    expect(platform.orders.seen).toMatchObject([
      {
        viewer: { userId: ALICE, principal: `user:${ALICE}`, clientAddress: '127.0.0.1' },
        traceparent,
        idempotencyKey: 'k1',
        seen: 'a.b',
        requestId: 'r1',
      },
    ]);
  });

  test('lets later fetches of the operation see what earlier ones committed, and tells the client', async () => {
    platform.ledger.seen.length = 0;
    const { headers, extensions } = await post(
      platform.url,
      { query: 'mutation { orderPlace { id ledgerTransfers { id } } }' },
      { ...alice, 'idempotency-key': 'k2' },
    );
    expect(platform.ledger.seen.map(({ seen }) => seen)).toEqual(['token-of-orders']);
    expect(headers.get('tessera-committed')).toBe('token-of-orders');
    expect(extensions).toEqual({ idempotency: { replayed: false, fields: { orderPlace: false } } });
  });

  test('tells that an answer was replayed or is stale', async () => {
    isReplay.add('k3');
    const replay = await post(platform.url, { query: 'mutation { orderPlace { id } }' }, { ...alice, 'idempotency-key': 'k3' });
    expect(replay.extensions).toEqual({ idempotency: { replayed: true, fields: { orderPlace: true } } });
    expect((await post(platform.url, { query: ORDER }, { ...alice, 'tessera-seen': 'stale' })).extensions).toEqual({ stale: true });
  });

  test('answers introspection', async () => {
    const { data } = await post(platform.url, { query: '{ __schema { subscriptionType { name } } }' });
    expect(data).toEqual({ __schema: { subscriptionType: { name: 'Subscription' } } });
  });
});

describe('identity', () => {
  test.each<[string, () => Promise<string>]>([
    ['an expired token', () => platform.token(ALICE, { expiresInSeconds: -60 })],
    ['a token of another issuer', () => platform.token(ALICE, { issuer: 'somebody' })],
    ['a token of another type', () => platform.token(ALICE, { type: 'JWT' })],
    ['a forged token', async () => platform.token(ALICE, { key: (await generateKeyPair('EdDSA')).privateKey })],
    ['an API key', async () => 'tsk_abc'],
  ])('refuses %s with 401 instead of going on as nobody', async (_what, token) => {
    const { status, data, errors } = await post(platform.url, { query: '{ quick }' }, bearer(await token()));
    expect([status, data, errors[0]?.extensions.code]).toEqual([401, undefined, 'UNAUTHENTICATED']);
  });

  test('drops identities that clients claim in headers', async () => {
    platform.users.seen.length = 0;
    const { data } = await post(
      platform.url,
      { query: '{ me { id } }' },
      { 'tessera-identity': 'x', 'x-user-id': ALICE, 'x-forwarded-for': '6.6.6.6' },
    );
    expect(data).toEqual({ me: null });
    expect(platform.users.seen[0]?.viewer).toMatchObject({ kind: 'visitor', userId: null, clientAddress: '127.0.0.1' });
  });

  test('gives visitors a signed id, takes it back, and replaces one that was made up', async () => {
    const first = await post(platform.url, { query: '{ quick }' });
    const token = first.headers.get('tessera-visitor') ?? '';
    expect(first.headers.get('set-cookie')).toContain(`tessera_visitor=${token}; Path=/;`);
    platform.users.seen.length = 0;
    const again = await post(platform.url, { query: '{ quick }' }, { 'tessera-visitor': token });
    expect([again.headers.get('tessera-visitor'), again.headers.get('set-cookie')]).toEqual([token, null]);
    expect(platform.users.seen[0]?.viewer.principal).toBe(`visitor:${token.split('.')[0]}`);
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    expect(
      (await post(platform.url, { query: '{ quick }' }, { cookie: `tessera_visitor=${forged}` })).headers.get('tessera-visitor'),
    ).not.toBe(forged);
  });
});

describe('web sessions', () => {
  const LOG_IN =
    'mutation($i: SessionOpenInput!) { in: sessionOpen(input: $i) { ... on SessionOpened { t: accessToken refreshToken user { handle } } } }';
  const web = { 'tessera-client': 'web' };
  const logIn = () => post(platform.url, { query: LOG_IN, variables: { i: { email: 'a', password: 'right' } } }, web);
  const setBy = ({ headers }: { headers: Headers }) => headers.getSetCookie().filter((cookie) => !cookie.startsWith('tessera_visitor'));
  const cookiesOf = (answer: { headers: Headers }) => setBy(answer).map((cookie) => cookie.split(';')[0] ?? '');

  test('keep tokens in cookies that scripts cannot read, and out of the body', async () => {
    const answer = await logIn();
    expect(answer.data).toEqual({ in: { t: '', refreshToken: '', user: { handle: 'alice' } } });
    const [access, refresh] = setBy(answer);
    expect(access).toMatch(/^tessera_access=ey[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    expect(refresh).toMatch(/^tessera_refresh=refresh-1; Path=\/graphql; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
  });

  test('identify by cookie only when the client header says so', async () => {
    const cookie = cookiesOf(await logIn()).join('; ');
    expect((await post(platform.url, { query: '{ me { id } }' }, { cookie, ...web })).data).toEqual({ me: { id: ALICE } });
    expect((await post(platform.url, { query: '{ me { id } }' }, { cookie })).data).toEqual({ me: null });
  });

  test.each([
    ['mutation($i: SessionRefreshInput!) { sessionRefresh(input: $i) { __typename } }', { i: {} }],
    ['mutation { sessionRefresh(input: {}) { __typename } }', {}],
  ])('refresh with the token of the cookie: %s', async (query, variables) => {
    const answer = await post(platform.url, { query, variables }, { cookie: 'tessera_refresh=refresh-1', ...web });
    expect(answer.data).toEqual({ sessionRefresh: { __typename: 'SessionRefreshed' } });
    expect(cookiesOf(answer)).toContain('tessera_refresh=refresh-2');
  });

  test('end with the cookies', async () => {
    const answer = await post(
      platform.url,
      { query: 'mutation { sessionClose(input: {}) { isClosed } }' },
      { cookie: cookiesOf(await logIn()).join('; '), ...web },
    );
    expect(cookiesOf(answer)).toEqual(['tessera_access=', 'tessera_refresh=']);
    const other = await post(platform.url, { query: 'mutation { sessionClose(input: { sessionId: "ses_other" }) { isClosed } }' }, web);
    expect(cookiesOf(other)).toEqual([]);
  });

  test('leave bearer clients their tokens', async () => {
    const answer = await post(platform.url, { query: LOG_IN, variables: { i: { email: 'a', password: 'right' } } });
    expect(answer.data).toMatchObject({ in: { refreshToken: 'refresh-1' } });
    expect(cookiesOf(answer).filter((cookie) => cookie.startsWith('tessera_access'))).toEqual([]);
  });
});

describe('access', () => {
  test('nulls a refused query field with an error and runs the others', async () => {
    platform.orders.seen.length = 0;
    const query = `query($not: Boolean = false) { ok: quick ...Q skipped: order(id: "1") @include(if: $not) { id } } fragment Q on Query { order(id: "${ALICES_ORDER}") { id } quick }`;
    const { data, errors } = await post(platform.url, { query });
    expect(data).toEqual({ ok: 'ok', order: null, quick: 'ok' });
    expect(errors).toMatchObject([{ path: ['order'], extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(platform.orders.seen).toEqual([]);
  });

  test('gives no data where the refused field cannot be null', async () => {
    const { data, errors } = await post(platform.url, { query: '{ quick users { id } }' }, alice);
    expect([data, errors.map(({ path, extensions }) => [path, extensions.code])]).toEqual([null, [[['users'], 'FORBIDDEN']]]);
    const admin = bearer(await platform.token(ALICE, { scope: 'users:read orders:read' }));
    expect((await post(platform.url, { query: '{ users { id } }' }, admin)).data).toMatchObject({ users: [{ id: ALICE }, {}] });
  });

  test('does not run any field of a mutation with a refused one', async () => {
    platform.orders.seen.length = 0;
    const { data, errors } = await post(platform.url, { query: 'mutation { a: orderPlace { id } sessionClose(input: {}) { isClosed } }' });
    expect([data, errors[0]?.path, errors[0]?.extensions.code]).toEqual([null, ['a'], 'UNAUTHENTICATED']);
    expect(platform.orders.seen).toEqual([]);
  });

  test('is not confused by a plan that another caller got', async () => {
    const query = `{ quick order(id: "${ALICES_ORDER}") { id } }`;
    const asked = async (headers = {}) => (await post(platform.url, { query }, headers)).data;
    expect([await asked(), await asked(alice), await asked()]).toEqual([
      { quick: 'ok', order: null },
      { quick: 'ok', order: { id: ALICES_ORDER } },
      { quick: 'ok', order: null },
    ]);
  });

  test('shows nobody the rows of others', async () => {
    expect((await post(platform.url, { query: `{ order(id: "${BOBS_ORDER}") { id } }` }, alice)).data).toEqual({ order: null });
  });
});

describe('errors', () => {
  test('of our own making are masked and logged under the id that the client sees', async () => {
    const { data, errors } = await post(platform.url, { query: '{ crash quick }' });
    expect(data).toEqual({ crash: null, quick: 'ok' });
    expect(errors).toMatchObject([{ path: ['crash'], extensions: { code: 'INTERNAL' } }]);
    expect(errors[0]?.extensions.serviceName).toBeUndefined();
  });

  test('keep code and data when a subgraph chose them', async () => {
    const { errors } = await post(platform.url, { query: 'mutation { orderPlace(note: "refuse") { id } }' }, alice);
    expect(errors).toEqual([
      { message: 'Send a key.', path: ['orderPlace'], extensions: { code: 'IDEMPOTENCY_KEY_REQUIRED', hint: 'Idempotency-Key' } },
    ]);
  });

  test('do not tell names that the client did not know', async () => {
    const { status, errors } = await post(platform.url, { query: '{ quic }' });
    expect([status, errors[0]?.message, errors[0]?.extensions.code]).toEqual([
      400,
      'Cannot query field "quic" on type "Query".',
      'BAD_USER_INPUT',
    ]);
  });

  test('say where in the text of the query a value is that cannot be', async () => {
    const { status, errors } = await post(platform.url, { query: 'mutation { orderPlace(note: 7) { id } }' }, alice);
    expect([status, errors[0]?.extensions]).toMatchObject([400, { code: 'BAD_USER_INPUT', path: ['note'] }]);
  });

  test.each([
    ['no JSON', '{', 400],
    ['a batch', '[{"query":"{ quick }"}]', 400],
    ['no query', '{}', 400],
    ['a syntax error', '{"query":"{"}', 400],
    ['an operation that is not in the document', '{"query":"query A { quick }","operationName":"B"}', 400],
    ['several operations and no name', '{"query":"query A { quick } query B { quick }"}', 400],
    ['a persisted operation without a hash', '{"query":"{ quick }","extensions":{"persistedQuery":5}}', 400],
    [
      'a persisted operation of another hash',
      `{"query":"{ quick }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"${'0'.repeat(64)}"}}}`,
      400,
    ],
    ['a wrong variable', `{"query":"query($id: ID!) { order(id: $id) { id } }","variables":{"id":{}}}`, 400],
  ])('answer %s with a code of the closed list', async (_what, body, status) => {
    const response = await fetch(`${platform.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect([response.status, ((await response.json()) as { errors: { extensions: object }[] }).errors[0]?.extensions]).toMatchObject([
      status,
      { code: 'BAD_USER_INPUT' },
    ]);
  });
});

test('a subscription over HTTP is refused with the way that it takes', async () => {
  const { status, errors } = await post(platform.url, { query: 'subscription { orderUpdated { kind } }' }, alice);
  expect([status, errors[0]]).toMatchObject([
    400,
    { message: expect.stringContaining('WebSocket'), extensions: { code: 'OPERATION_NOT_ALLOWED' } },
  ]);
});

describe('persisted operations', () => {
  test('are remembered by hash, and measured when they come in full', async () => {
    const query = '{ again: quick }';
    const { createHash } = await import('node:crypto');
    const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };
    expect((await post(platform.url, { extensions })).errors[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect((await post(platform.url, { extensions, query })).data).toEqual({ again: 'ok' });
    expect((await post(platform.url, { extensions })).data).toEqual({ again: 'ok' });
  });
});

describe('other sites', () => {
  const simple = (headers: Record<string, string>) =>
    fetch(`${platform.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', ...headers },
      body: '{"query":"{ quick }"}',
    });

  test('cannot send what needs no preflight', async () => {
    expect((await simple({})).status).toBe(400);
    expect((await fetch(`${platform.url}/graphql?query=${encodeURIComponent('{ quick }')}`)).status).toBe(400);
  });

  test('may read answers only when they are on the list', async () => {
    const preflight = (origin: string) =>
      fetch(`${platform.url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect((await preflight('https://shop.example')).headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect((await preflight('https://studio.apollographql.com')).headers.get('access-control-allow-credentials')).toBe('true');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('every answer tells browsers to be careful', async () => {
  const answers = await Promise.all([
    post(platform.url, { query: '{ quick }' }),
    ...['/nothing', '/health/live', '/health/ready', '/metrics'].map((path) => fetch(platform.url + path)),
    fetch(`${platform.url}/metrics`, { method: 'PUT' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 200, 200, 200, 405]);
  for (const { headers } of answers)
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
});

test('passes the ways in of subgraphs through, and tells its own health', async () => {
  expect(await (await fetch(`${platform.url}/.well-known/jwks.json`)).json()).toMatchObject({ keys: [{ crv: 'Ed25519' }] });
  expect((await fetch(`${platform.url}/health/live`)).status).toBe(200);
  expect(await (await fetch(`${platform.url}/health/ready`)).json()).toMatchObject({
    status: 'ready',
    soft: { users: 'ok', orders: 'ok', ledger: 'ok' },
  });
  expect(await (await fetch(`${platform.url}/metrics`)).text()).toContain('tessera_gateway_fetch_seconds_count');
});
