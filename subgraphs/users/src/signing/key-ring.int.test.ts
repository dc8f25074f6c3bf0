import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actAs } from '@tessera/service-kit/testing';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { startUsers, type UsersUnderTest } from '../../test/users-under-test.ts';
import { issueAccessToken } from '../session/access-token.ts';
import { createKeyRing } from './key-ring.ts';
import { rotationAt } from './signing-key.ts';

let users: UsersUnderTest;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.close());

const aRing = () => createKeyRing({ orm: users.subgraph.platform.orm, envelope: users.subgraph.services.envelope });
const aToken = (now: Date) => issueAccessToken({ userId: actAs.user().userId, sessionId: 'ses_1', roles: ['CUSTOMER'] }, aRing(), now);

describe('the signing keys', () => {
  it('are one for all processes that start at once on an empty table', async () => {
    await users.sql('delete from signing_keys');
    const now = new Date();
    const keys = await Promise.all(Array.from({ length: 5 }, () => aRing().signingKey(now)));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
  });

  it('rotate without logging anybody out', async () => {
    const now = new Date();
    const before = await aToken(now);
    const kid = await users.subgraph.services.operator.rotateSigningKey();
    expect(await users.subgraph.services.operator.rotateSigningKey()).toBe(kid);
    expect(decodeProtectedHeader((await aToken(now)).accessToken).kid).not.toBe(kid);

    const later = new Date(rotationAt(now).activatesAt.getTime() + 60_000);
    expect(decodeProtectedHeader((await aToken(later)).accessToken).kid).toBe(kid);
    const published = await aRing().publicKeys(later);
    expect(published).toHaveLength(2);
    const old = published.find((key) => key.kid === decodeProtectedHeader(before.accessToken).kid);
    await expect(jwtVerify(before.accessToken, await importJWK(old ?? {}, 'EdDSA'), { currentDate: now })).resolves.toBeDefined();
  });

  it('are published without their private half, and stored sealed', async () => {
    const published = await aRing().publicKeys(new Date());
    for (const key of published) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    const rows = await users.sql<{ sealed_private_jwk: string }>('select sealed_private_jwk from signing_keys');
    for (const row of rows) expect(row.sealed_private_jwk).toMatch(/^ts1\.k1\./);
  });
});
