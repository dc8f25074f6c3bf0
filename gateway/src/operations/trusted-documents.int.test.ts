import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, parseConfig } from '@tessera/service-kit/config';
import { sha256 } from '@tessera/service-kit/crypto';
import { ALICE, bearer, post, startToyPlatform, type ToyOptions, type ToyPlatform } from '../../test/toy-platform.ts';
import { closeClients, connect, subscribe } from '../../test/toy-socket.ts';
import { configShape } from '../config.ts';
import type { Policies, Policy } from './policy.ts';
import { parseManifests } from './trusted-documents.ts';

const QUICK = 'query Quick { quick }';
const ME = 'query Me { me { id handle } }';
const LIVE = 'subscription Live($id: ID!) { orderUpdated(orderId: $id) { kind } }';
const UNKNOWN = 'query Unknown { again: quick }';
const manifestOf = (...bodies: readonly string[]) => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: bodies.map((body) => ({ id: sha256(body), name: 'Any', type: 'query', body })),
});
const MANIFESTS = { shop: manifestOf(QUICK, ME, LIVE), kiosk: manifestOf(QUICK) };
const byHash = (query: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } } });
const byId = (query: string) => ({ documentId: `sha256:${sha256(query)}` });
const codes = ({ errors }: Awaited<ReturnType<typeof post>>) => errors.map(({ extensions }) => extensions.code);

const platforms: ToyPlatform[] = [];
const started = async (everybody: Policy | undefined, clients: Record<string, Policy> = {}, config: ToyOptions['config'] = {}) => {
  const operations: Policies | undefined = everybody && { everybody, clients: new Map(Object.entries(clients)) };
  const platform = await startToyPlatform({ manifests: MANIFESTS, config: { ...config, operations } });
  platforms.push(platform);
  return platform;
};
afterEach(() => Promise.all([closeClients(), ...platforms.splice(0).map((platform) => platform.close())]));
afterAll(closeClients);

describe('where only trusted documents may be sent', () => {
  it('answers them by text, by hash and by document id', async () => {
    const { url } = await started('safelist-only');
    for (const body of [{ query: QUICK }, byHash(QUICK), byId(QUICK), { query: QUICK, ...byHash(QUICK) }])
      expect((await post(url, body)).data).toEqual({ quick: 'ok' });
    const get = async (parameters: Record<string, string>) =>
      (await fetch(`${url}/graphql?${new URLSearchParams(parameters)}`, { headers: { 'apollo-require-preflight': '1' } })).json();
    expect(await get(byId(QUICK))).toEqual({ data: { quick: 'ok' } });
    expect(await get({ extensions: JSON.stringify(byHash(QUICK).extensions) })).toEqual({ data: { quick: 'ok' } });
  });

  it('MUST refuse every other, however it is sent', async () => {
    const { url, users } = await started('safelist-only');
    const before = users.seen.length;
    const refused = await post(url, { query: UNKNOWN });
    expect([refused.status, refused.errors[0]?.extensions]).toEqual([400, { code: 'OPERATION_NOT_ALLOWED', hash: sha256(UNKNOWN) }]);
    expect(codes(await post(url, { query: `${QUICK} ` }))).toEqual(['OPERATION_NOT_ALLOWED']);
    expect(codes(await post(url, { query: UNKNOWN, ...byHash(UNKNOWN) }))).toEqual(['OPERATION_NOT_ALLOWED']);
    expect(codes(await post(url, { query: UNKNOWN, ...byHash(QUICK) }))).toEqual(['OPERATION_NOT_ALLOWED']);
    expect(codes(await post(url, byHash(UNKNOWN)))).toEqual(['PERSISTED_QUERY_NOT_FOUND']); // nothing of what was refused is kept
    const get = await fetch(`${url}/graphql?${new URLSearchParams({ query: UNKNOWN })}`, { headers: { 'apollo-require-preflight': '1' } });
    expect(get.status).toBe(400);
    expect(users.seen.length).toBe(before);
  });

  it('MUST refuse them on sockets too', async () => {
    const { url, token } = await started('safelist-only');
    const client = connect(url, await token(ALICE));
    const failed = await subscribe(client, `${LIVE} `, { id: 'x' }).failed();
    expect(failed[0]?.extensions).toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
    const known = await subscribe(client, LIVE, { id: 'x' }).failed();
    expect(known[0]?.extensions).not.toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
  });

  it('says of a hash that nobody knows what clients wait for before they send the text', async () => {
    const { url } = await started('safelist-only');
    for (const body of [byHash(UNKNOWN), byId(UNKNOWN)]) {
      const answer = await post(url, body);
      expect([answer.status, codes(answer)]).toEqual([200, ['PERSISTED_QUERY_NOT_FOUND']]);
    }
  });

  it('lets a client with a manifest of its own send only what that holds', async () => {
    const { url, token } = await started('safelist-only');
    const alice = bearer(await token(ALICE));
    expect((await post(url, { query: ME }, alice)).data).toEqual({ me: { id: ALICE, handle: 'alice' } });
    expect(codes(await post(url, { query: ME }, { ...alice, 'tessera-client': 'kiosk' }))).toEqual(['OPERATION_NOT_ALLOWED']);
    expect(codes(await post(url, { query: ME }, { ...alice, 'apollographql-client-name': 'kiosk' }))).toEqual(['OPERATION_NOT_ALLOWED']);
  });

  it('is what production does unless told', async () => {
    const { url } = await started(undefined, {}, { isProduction: true });
    expect(codes(await post(url, { query: UNKNOWN }))).toEqual(['OPERATION_NOT_ALLOWED']);
    expect((await post(url, { query: QUICK })).data).toEqual({ quick: 'ok' });
  });
});

describe('other policies', () => {
  it('log-unknown: answers everything, and tells of each unknown document once', async () => {
    const { url, logLines } = await started('log-unknown');
    for (const query of [UNKNOWN, UNKNOWN, QUICK]) expect((await post(url, { query }, { 'tessera-client': 'toy' })).errors).toEqual([]);
    const told = logLines.filter(({ msg }) => msg === 'operation is in no manifest');
    expect(told).toMatchObject([{ hash: sha256(UNKNOWN), client: 'toy' }]);
  });

  it('differ by client', async () => {
    const { url } = await started('open', { partner: 'safelist-only' });
    expect((await post(url, { query: UNKNOWN })).errors).toEqual([]);
    expect(codes(await post(url, { query: UNKNOWN }, { 'tessera-client': 'partner' }))).toEqual(['OPERATION_NOT_ALLOWED']);
  });

  it('open: a hash is registered with its text, and may then stand for it', async () => {
    const { url, orders, token } = await started('open');
    const place = 'mutation Place { orderPlace(note: "a") { id } }';
    const alice = bearer(await token(ALICE));
    expect(codes(await post(url, byHash(place), alice))).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
    expect(codes(await post(url, { query: place, ...byHash(UNKNOWN) }, alice))).toEqual(['BAD_USER_INPUT']);
    for (const body of [{ query: place, ...byHash(place) }, byHash(place), byId(place)])
      expect((await post(url, body, alice)).errors).toEqual([]);
    expect(orders.seen.filter(({ query }) => query.includes('orderPlace'))).toHaveLength(3);
  });

  it.each([
    ['that is not a SHA-256', { documentId: 'abc' }],
    ['of another kind', { documentId: 7 }],
    ['beside a text', { ...byId(QUICK), query: QUICK }],
  ])('refuse a document id %s', async (_title, body) => {
    const { url } = await started('open');
    const answer = await post(url, body);
    expect([answer.status, codes(answer)]).toEqual([400, ['BAD_USER_INPUT']]);
  });
});

describe('trusted documents', () => {
  it('are compiled before anybody asks', async () => {
    const { url } = await started('open');
    const misses = async () =>
      Number(/^tessera_gateway_operations_misses\S* (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
    for (let tries = 0; (await misses()) < 2; tries += 1) {
      if (tries > 400) throw new Error('They were not compiled.');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    for (const body of [{ query: QUICK }, { query: QUICK, operationName: 'Quick' }, { ...byHash(QUICK), operationName: 'Quick' }])
      expect((await post(url, body)).data).toEqual({ quick: 'ok' });
    expect(await misses()).toBe(2);
  });

  it('MUST have the hash of their text, in a manifest of the known format', () => {
    const [first] = manifestOf(QUICK).operations;
    const changed = { ...manifestOf(), operations: [{ ...first, body: UNKNOWN }] };
    expect(() => parseManifests({ shop: changed })).toThrow('hash that is not its own');
    expect(() => parseManifests({ shop: { operations: [] } })).toThrow();
  });
});

describe('the setting', () => {
  const parsed = (text: string) => parseConfig('gateway', { operations: configShape.operations }, { GATEWAY_OPERATIONS: text }).operations;

  it('names a policy for everybody, and those of clients', () => {
    expect(parsed('safelist-only, backoffice=log-unknown')).toEqual({
      everybody: 'safelist-only',
      clients: new Map([['backoffice', 'log-unknown']]),
    });
  });

  it.each(['closed', 'open,shop', 'open,shop=closed', 'shop=open'])('refuses %s', (text) => {
    expect(() => parsed(text)).toThrow(ConfigError);
  });
});
