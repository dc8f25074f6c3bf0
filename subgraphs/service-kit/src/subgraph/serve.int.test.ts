import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IDENTITY_HEADER, signIdentity } from '../identity/index.ts';
import { actAs, commonTestConfig, createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { type RunningSubgraph, startSubgraph, startSubgraphs } from './serve.ts';
import { createCounterSubgraph } from './test/counter-subgraph.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = { ...privateKey.export({ format: 'jwk' }), kid: 'test', alg: 'EdDSA' };
const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'EdDSA' }] };

describe('a subgraph on its own port', () => {
  let database: TestDatabase;
  let running: RunningSubgraph;
  beforeAll(async () => {
    database = await createTestDatabase({
      name: 'kit',
      version: 'counters-1',
      migrate: async (url) => {
        const subgraph = createCounterSubgraph(commonTestConfig(url));
        await subgraph.migrate();
        await subgraph.close();
      },
    });
    running = await startSubgraph(createCounterSubgraph({ ...commonTestConfig(database.url), identityKeys: keys }));
  });
  afterAll(async () => {
    await running.close();
    await database.drop();
  });

  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${running.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  const identity = async (ttlSeconds = 60) => ({
    [IDENTITY_HEADER]: await signIdentity(actAs.user('usr_a'), { privateKey: key, ttlSeconds }),
  });

  it('answers a signed identity and tells in a header what was committed', async () => {
    const answer = await post(
      '{"query":"mutation { counterAdd(input: { amount: 2 }) { ... on CounterAdded { counter { id value } } } }"}',
      { ...(await identity()), 'idempotency-key': 'k' },
    );
    expect(await answer.json()).toMatchObject({ data: { counterAdd: { counter: { id: 'usr_a', value: 2 } } } });
    expect(answer.headers.get('tessera-committed')).toEqual(expect.stringMatching(/^[\w.-]+/));
  });

  it.each([
    ['no identity', {}],
    ['an identity that nobody signed', { [IDENTITY_HEADER]: 'e30.e30.e30' }],
    ['a plain user id', { 'x-user-id': 'usr_a' }],
  ])('refuses %s', async (_title, headers) => {
    const answer = await post('{"query":"{ counter { value } }"}', headers as Record<string, string>);
    expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('UNAUTHENTICATED')]);
  });

  it.each(['', '[]', '{"query":1}', '{"query":"{ x }","variables":[1]}'])('refuses the body %j with what to send', async (body) => {
    const answer = await post(body, await identity());
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('JSON object with query')]);
  });

  it('is live and ready', async () => {
    expect((await fetch(`${running.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
  });

  it('gives everything back when it cannot start', async () => {
    const subgraph = createCounterSubgraph({ ...commonTestConfig(database.url), identityKeys: keys });
    const start = () => Promise.reject(new Error('no relay'));
    let isClosed = false;
    const close = async () => {
      await subgraph.close();
      isClosed = true;
    };
    await expect(startSubgraph({ ...subgraph, start, close })).rejects.toThrow('no relay');
    expect(isClosed).toBe(true);
  });

  it('closes those that run already when another of the same process cannot start', async () => {
    const free = createCounterSubgraph({ ...commonTestConfig(database.url), identityKeys: keys });
    const taken = createCounterSubgraph({ ...commonTestConfig(database.url), identityKeys: keys, port: running.port });
    const closed: string[] = [];
    const noting = (name: string, subgraph: typeof free) => ({
      ...subgraph,
      close: async () => {
        await subgraph.close();
        closed.push(name);
      },
    });
    await expect(startSubgraphs([noting('free', free), noting('taken', taken)])).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(closed.sort()).toEqual(['free', 'taken']);
  });

  it('MUST let go of its database although a part of it fails to close', async () => {
    const subgraph = createCounterSubgraph({ ...commonTestConfig(database.url), identityKeys: keys });
    await subgraph.check();
    Object.assign(subgraph.services, { close: () => Promise.reject(new Error('stuck')) });
    await expect(subgraph.close()).rejects.toThrow('stuck');
    expect(await subgraph.platform.orm.isConnected()).toBe(false);
  });

  it('gives everything back when its port is taken', async () => {
    const subgraph = createCounterSubgraph({ ...commonTestConfig(database.url), identityKeys: keys, port: running.port });
    let isClosed = false;
    const close = async () => {
      await subgraph.close();
      isClosed = true;
    };
    await expect(startSubgraph({ ...subgraph, close })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(isClosed).toBe(true);
  });
});
