import { beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { InvariantViolation } from '../errors/index.ts';
import {
  createIdentitySigner,
  createIdentityVerifier,
  IDENTITY_AUDIENCE,
  type IdentityVerifier,
  serviceViewer,
  signIdentity,
  type Viewer,
} from './index.ts';

const NOW = new Date('2026-11-21T09:30:00.000Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
const seconds = NOW.getTime() / 1_000;
const viewer: Viewer = {
  kind: 'user',
  principal: 'user:usr_01',
  userId: 'usr_01',
  sessionId: 'ses_01',
  roles: ['CUSTOMER', 'VENDOR'],
  scopes: new Set(['orders:vendor', 'catalog:write'] as const),
  clientAddress: '203.0.113.7',
};
const unauthenticated = expect.objectContaining({ code: 'UNAUTHENTICATED' });

let ours: { privateKey: JWK; publicKey: JWK };
let stranger: { privateKey: JWK; publicKey: JWK };
let time = NOW;
let verifier: IdentityVerifier;

beforeAll(async () => {
  ours = await keyPair('gateway-1');
  stranger = await keyPair('gateway-1');
  verifier = createIdentityVerifier({ keys: { keys: [ours.publicKey] }, now: () => time });
});

const sign = (as: Viewer = viewer) => signIdentity(as, { privateKey: ours.privateKey, now: () => NOW });

describe('a signed identity', () => {
  test('gives back the viewer', async () => {
    time = NOW;
    expect(await verifier.verify(await sign())).toEqual(viewer);
    const visitor: Viewer = { ...serviceViewer('x'), kind: 'visitor', principal: 'visitor:vis_01' };
    expect(await verifier.verify(await sign(visitor))).toEqual(visitor);
    expect(await verifier.verify(await sign(serviceViewer('payments')))).toEqual(serviceViewer('payments'));
  });

  test('is not signed for longer than 60 s', async () => {
    await expect(signIdentity(viewer, { privateKey: ours.privateKey, ttlSeconds: 61 })).rejects.toThrow(InvariantViolation);
  });

  test('is refused once it expired, also where it was verified before', async () => {
    const token = await sign();
    time = NOW;
    await verifier.verify(token);
    time = later(66);
    await expect(verifier.verify(token)).rejects.toThrow(unauthenticated);
  });

  test('is refused when it comes from the future, beyond the tolerance of clocks', async () => {
    time = later(-10);
    await expect(verifier.verify(await sign())).rejects.toThrow(unauthenticated);
    time = later(-3);
    expect(await verifier.verify(await sign())).toEqual(viewer);
  });

  test('is verified once and then remembered, for a bounded number of tokens', async () => {
    time = NOW;
    const token = await sign();
    const first = await verifier.verify(token);
    expect(await verifier.verify(token)).toBe(first);
  });
});

describe('a forged identity', () => {
  const claims = { kind: 'user', uid: 'usr_01', sid: null, roles: ['ADMIN'], scope: 'users:write', addr: null };
  const header = { alg: 'EdDSA', typ: 'tessera-identity+jwt', kid: 'gateway-1' };
  const registered = { iss: 'tessera-gateway', aud: IDENTITY_AUDIENCE, sub: 'user:usr_01', jti: 'j', iat: seconds, exp: seconds + 60 };
  const forge = (payload: object = {}, protectedHeader: object = {}, key: JWK = ours.privateKey) =>
    new SignJWT({ ...claims, ...registered, ...payload }).setProtectedHeader({ ...header, ...protectedHeader }).sign(key);
  const expectRefused = async (token: string) => {
    time = NOW;
    await expect(verifier.verify(token)).rejects.toThrow(unauthenticated);
  };

  test('with nothing wrong would pass: the cases below each fail for their one reason', async () => {
    time = NOW;
    expect((await verifier.verify(await forge())).principal).toBe('user:usr_01');
  });

  test('by another key under our key id is refused', async () => expectRefused(await forge({}, {}, stranger.privateKey)));

  test('that brings its own key in the header is refused', async () => {
    await expectRefused(await forge({}, { jwk: stranger.publicKey }, stranger.privateKey));
    await expectRefused(await forge({}, { jku: 'https://evil.example/jwks.json', kid: 'evil' }, stranger.privateKey));
    await expectRefused(await forge({}, { x5u: 'https://evil.example/cert.pem' }, stranger.privateKey));
  });

  test('with algorithm none is refused', async () => {
    await expectRefused(new UnsecuredJWT({ ...claims, ...registered }).encode());
    const [, payload] = (await forge()).split('.');
    await expectRefused(`${Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url')}.${payload}.`);
  });

  test('with HS256 under the public key as its secret is refused', async () => {
    const token = await new SignJWT({ ...claims, ...registered })
      .setProtectedHeader({ ...header, alg: 'HS256' })
      .sign(Buffer.from(ours.publicKey.x ?? '', 'base64url'));
    await expectRefused(token);
  });

  test.each([
    ['another audience', { aud: 'somebody-else' }, {}],
    ['another issuer', { iss: 'tessera-users' }, {}],
    ['another type', {}, { typ: 'at+jwt' }],
    ['no type', {}, { typ: undefined }],
    ['an expiry in the past', { iat: seconds - 50, exp: seconds - 10 }, {}],
    ['too long a life', { exp: seconds + 3_600 }, {}],
    ['too great an age', { iat: seconds - 100 }, {}],
    ['no expiry', { exp: undefined }, {}],
    ['no time of issue', { iat: undefined }, {}],
    ['no principal', { sub: undefined }, {}],
    ['a principal of another kind', { sub: 'service:payments' }, {}],
    ['an unknown kind', { kind: 'root' }, {}],
    ['roles that are no list', { roles: 'ADMIN' }, {}],
  ])('with %s is refused', async (_what, payload, protectedHeader) => expectRefused(await forge(payload, protectedHeader)));

  test.each(['', 'x', 'a.b.c', 'x'.repeat(100_000)])('that is no token is refused: %.20s', async (token) => expectRefused(token));

  test('with a changed payload is refused', async () => {
    const [head, , signature] = (await forge()).split('.');
    const payload = Buffer.from(JSON.stringify({ ...claims, ...registered, sub: 'user:usr_02' })).toString('base64url');
    await expectRefused(`${head}.${payload}.${signature}`);
  });

  test('gains nothing from roles and scopes that this version does not know', async () => {
    time = NOW;
    const { roles, scopes } = await verifier.verify(
      await forge({ roles: ['ADMIN', 'EMPEROR'], scope: 'users:write everything constructor' }),
    );
    expect(roles).toEqual(['ADMIN']);
    expect([...scopes]).toEqual(['users:write']);
  });
});

describe('a rotation of the gateway key', () => {
  test('accepts both keys while both are published', async () => {
    const next = await keyPair('gateway-2');
    const both = createIdentityVerifier({ keys: { keys: [ours.publicKey, next.publicKey] }, now: () => NOW });
    expect(await both.verify(await sign())).toEqual(viewer);
    expect(await both.verify(await signIdentity(viewer, { privateKey: next.privateKey, now: () => NOW }))).toEqual(viewer);
  });
});

describe('the signer of the gateway', () => {
  test('gives the same viewer the same token for 30 s, then one that lives on', async () => {
    let clock = NOW;
    const signer = createIdentitySigner({ privateKey: ours.privateKey, now: () => clock });
    const first = await signer.sign(viewer);
    clock = later(29);
    expect(await signer.sign({ ...viewer, scopes: new Set(['catalog:write', 'orders:vendor'] as const) })).toBe(first);
    clock = later(31);
    const second = await signer.sign(viewer);
    expect(second).not.toBe(first);
    time = later(85);
    expect(await verifier.verify(second)).toEqual(viewer);
  });

  test('MUST never share a token between viewers that differ in anything', async () => {
    const signer = createIdentitySigner({ privateKey: ours.privateKey, now: () => NOW });
    const viewers: Viewer[] = [
      viewer,
      { ...viewer, principal: 'user:usr_02' },
      { ...viewer, userId: 'usr_02' },
      { ...viewer, sessionId: 'ses_02' },
      { ...viewer, roles: ['CUSTOMER'] },
      { ...viewer, scopes: new Set(['catalog:write'] as const) },
      { ...viewer, clientAddress: null },
    ];
    const tokens = await Promise.all(viewers.map((each) => signer.sign(each)));
    expect(new Set(tokens).size).toBe(viewers.length);
    time = NOW;
    expect(await Promise.all(tokens.map((token) => verifier.verify(token)))).toEqual(viewers);
  });
});

async function keyPair(kid: string): Promise<{ privateKey: JWK; publicKey: JWK }> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return { privateKey: { ...(await exportJWK(pair.privateKey)), kid }, publicKey: { ...(await exportJWK(pair.publicKey)), kid } };
}
