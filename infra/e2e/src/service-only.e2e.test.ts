import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { signedIdentity } from '@tessera/local';
import { ask, send } from './graph/ask.ts';
import { availableOf, type Person, register, seeded, walletOf } from './graph/people.ts';
import { sharedPlatform } from './platform/platform.ts';

/** What only services may ask of the ledger (holds, postings) comes by streams with their mark: in the graph there is no way to it. */
const platform = sharedPlatform();
let person: Person;
let admin: Person;
let walletId: string;

beforeAll(async () => {
  [person, admin] = await Promise.all([register(platform), seeded('admin', platform)]);
  walletId = (await walletOf(person)).id;
}, 60_000);

const tokens = () => [person.accessToken, admin.accessToken, undefined];
const reference = () => ({ __typename: 'Hold', id: 'hld_01jd0000000000000000000000', walletId, amount: { currency: 'USD', minor: '1' } });
const ENTITIES = 'query E($of: [_Any!]!) { _entities(representations: $of) { __typename } }';

async function atThePort(headers: Readonly<Record<string, string>>, body: object) {
  const request = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
  return send<{ _entities: unknown[] }>(`${platform.subgraphs.ledger}/graphql`, request);
}

describe('through the gateway', () => {
  test.each(['holdCreate', 'holdPost', 'holdVoid', 'postingCreate', 'postingResolve'])('nobody finds %s', async (name) => {
    for (const token of tokens()) {
      const query = `mutation { ${name}(input: { walletId: "${walletId}", idempotencyKey: "${randomUUID()}" }) { __typename } }`;
      const { data, codes } = await ask(platform.url, { query, token });
      expect([data ?? null, codes]).toEqual([null, ['BAD_USER_INPUT']]);
    }
  });

  test('nobody reaches _entities', async () => {
    for (const token of tokens()) {
      const { data, codes } = await ask(platform.url, { query: ENTITIES, variables: { of: [reference()] }, token });
      expect(data ?? null).toBeNull();
      expect(codes.length).toBeGreaterThan(0);
      expect(codes.every((code) => code === 'BAD_USER_INPUT')).toBe(true);
    }
  });
});

describe('at the own port of the ledger', () => {
  test('an identity that the gateway has not signed is nobody', async () => {
    const [head, payload] = (await signedIdentity({ user: person.id }, join(platform.dataDir, 'secrets.json'))).split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    const service = Buffer.from(JSON.stringify({ ...claims, kind: 'service', sub: 'service:payments', uid: null })).toString('base64url');
    for (const identity of [`${head}.${service}.${'A'.repeat(86)}`, `${head}.${service}.`, person.accessToken]) {
      const { status, codes } = await atThePort({ 'tessera-identity': identity }, { query: '{ __typename }' });
      expect([status, codes]).toEqual([401, ['UNAUTHENTICATED']]);
    }
  });

  test('a client with its own identity has no hold and no posting, by no name', async () => {
    const identity = await signedIdentity({ user: person.id, roles: ['ADMIN'] }, join(platform.dataDir, 'secrets.json'));
    const headers = { 'tessera-identity': identity };
    const before = await availableOf(person);
    for (const type of ['Hold', 'Posting', 'PostingRequested']) {
      const { data, codes } = await atThePort(headers, { query: ENTITIES, variables: { of: [{ ...reference(), __typename: type }] } });
      expect([data ?? null, codes]).toEqual([null, ['BAD_USER_INPUT']]);
    }
    const query = `mutation { holdCreate(input: { walletId: "${walletId}" }) { __typename } }`;
    expect((await atThePort(headers, { query })).codes).toEqual(['BAD_USER_INPUT']);
    expect(await availableOf(person)).toBe(before);
  });
});
