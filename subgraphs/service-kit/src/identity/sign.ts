import { randomUUID } from 'node:crypto';
import { type JWK, SignJWT } from 'jose';
import { InvariantViolation } from '../errors/index.ts';
import {
  IDENTITY_ALGORITHM,
  IDENTITY_AUDIENCE,
  IDENTITY_ISSUER,
  IDENTITY_TYPE,
  type IdentityClaims,
  MAX_IDENTITY_SECONDS,
} from './token-format.ts';
import type { Viewer } from './viewer.ts';

const REUSE_SECONDS = 30;
const MAX_CACHED_TOKENS = 10_000;

export interface SignerOptions {
  /** Ed25519 private key with a `kid` that verifiers know. */
  readonly privateKey: JWK;
  readonly audience?: string;
  readonly now?: () => Date;
}

export interface SignIdentityOptions extends SignerOptions {
  /** At most 60, which is also the default. */
  readonly ttlSeconds?: number;
}

/** A compact JWT that tells a subgraph who asks. Throws `InvariantViolation` for a lifetime of more than 60 s. */
export async function signIdentity(
  viewer: Viewer,
  { privateKey, audience = IDENTITY_AUDIENCE, ttlSeconds = MAX_IDENTITY_SECONDS, now = systemTime }: SignIdentityOptions,
): Promise<string> {
  if (ttlSeconds > MAX_IDENTITY_SECONDS || ttlSeconds <= 0)
    throw new InvariantViolation(`An identity lives 1 to ${MAX_IDENTITY_SECONDS} s.`);
  const issuedAt = Math.floor(now().getTime() / 1_000);
  return new SignJWT(privateClaims(viewer))
    .setProtectedHeader({ alg: IDENTITY_ALGORITHM, typ: IDENTITY_TYPE, ...(privateKey.kid ? { kid: privateKey.kid } : {}) })
    .setIssuer(IDENTITY_ISSUER)
    .setAudience(audience)
    .setSubject(viewer.principal)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.floor(ttlSeconds))
    .sign(privateKey);
}

export interface IdentitySigner {
  /** A token with at least 30 s to live. The same viewer gets the same one for up to 30 s, so that subgraphs can cache what they verified. */
  sign(viewer: Viewer): Promise<string>;
}

export function createIdentitySigner({ now = systemTime, ...options }: SignerOptions): IdentitySigner {
  const cache = new Map<string, { readonly token: Promise<string>; readonly reuseUntil: number }>();
  return {
    sign: (viewer) => {
      const key = JSON.stringify([viewer.principal, privateClaims(viewer)]);
      const time = now().getTime();
      const known = cache.get(key);
      if (known && known.reuseUntil > time) return known.token;

      cache.delete(key);
      if (cache.size >= MAX_CACHED_TOKENS) cache.delete(cache.keys().next().value ?? key);
      const token = signIdentity(viewer, { ...options, now });
      cache.set(key, { token, reuseUntil: time + REUSE_SECONDS * 1_000 });
      token.catch(() => cache.delete(key));
      return token;
    },
  };
}

function privateClaims(viewer: Viewer): Pick<IdentityClaims, 'kind' | 'uid' | 'sid' | 'roles' | 'scope' | 'addr'> {
  return {
    kind: viewer.kind,
    uid: viewer.userId,
    sid: viewer.sessionId,
    roles: [...viewer.roles].sort(),
    scope: [...viewer.scopes].sort().join(' '),
    addr: viewer.clientAddress,
  };
}

function systemTime(): Date {
  return new Date();
}
