import { ROLES, type Role, SCOPES, type Scope } from '@tessera/schema/contract';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { TesseraError } from '../errors/index.ts';
import {
  IDENTITY_ALGORITHM,
  IDENTITY_AUDIENCE,
  IDENTITY_ISSUER,
  IDENTITY_TYPE,
  type IdentityClaims,
  identityClaims,
  MAX_IDENTITY_SECONDS,
  PRINCIPAL_PREFIXES,
} from './token-format.ts';
import type { Viewer } from './viewer.ts';

const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_TOKEN_LENGTH = 8_192;
const MAX_CACHED_VIEWERS = 2_000;

export interface VerifierOptions {
  /** The gateway's public keys; several during a rotation. The only source of keys: what a token's header offers (`jwk`, `jku`, `x5u`) is not read. */
  readonly keys: JSONWebKeySet;
  readonly audience?: string;
  readonly now?: () => Date;
}

export interface IdentityVerifier {
  /**
   * The viewer of a token that is an unexpired identity, signed by the gateway for this audience, at most 60 s old and made to live no longer.
   * Everything else throws `UNAUTHENTICATED`, the reason in `cause`.
   */
  verify(token: string): Promise<Viewer>;
}

/** What was verified is remembered until it expires, for at most 2,000 tokens. */
export function createIdentityVerifier({ keys, audience = IDENTITY_AUDIENCE, now = systemTime }: VerifierOptions): IdentityVerifier {
  const keySet = createLocalJWKSet(keys);
  const cache = new Map<string, { readonly viewer: Viewer; readonly expiresAtMs: number }>();

  const check = async (token: string): Promise<IdentityClaims> => {
    const { payload } = await jwtVerify(token, keySet, {
      algorithms: [IDENTITY_ALGORITHM],
      issuer: IDENTITY_ISSUER,
      audience,
      typ: IDENTITY_TYPE,
      requiredClaims: ['exp', 'iat', 'sub', 'jti'],
      maxTokenAge: MAX_IDENTITY_SECONDS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: now(),
    });
    const claims = identityClaims.parse(payload);
    if (claims.exp - claims.iat > MAX_IDENTITY_SECONDS) throw new Error('The identity was made to live too long.');
    if (!claims.sub.startsWith(PRINCIPAL_PREFIXES[claims.kind])) throw new Error('The principal is not of its kind.');
    return claims;
  };

  return {
    verify: async (token) => {
      const known = cache.get(token);
      if (known && known.expiresAtMs > now().getTime()) return known.viewer;
      cache.delete(token);
      if (token.length > MAX_TOKEN_LENGTH) throw unauthenticated(new Error('The identity is too long.'));

      const claims = await check(token).catch((cause: unknown) => {
        throw unauthenticated(cause);
      });
      const viewer = viewerOf(claims);
      if (cache.size >= MAX_CACHED_VIEWERS) cache.delete(cache.keys().next().value ?? token);
      cache.set(token, { viewer, expiresAtMs: claims.exp * 1_000 });
      return viewer;
    },
  };
}

/** Roles and scopes that this version does not know grant nothing: gateway and subgraphs are not replaced at the same moment. */
function viewerOf(claims: IdentityClaims): Viewer {
  const given = claims.scope.split(' ');
  return Object.freeze({
    kind: claims.kind,
    principal: claims.sub,
    userId: claims.uid,
    sessionId: claims.sid,
    roles: Object.freeze(claims.roles.filter((role): role is Role => (ROLES as readonly string[]).includes(role))),
    scopes: new Set(SCOPES.filter((scope: Scope) => given.includes(scope))),
    clientAddress: claims.addr,
  });
}

function unauthenticated(cause: unknown): TesseraError {
  return new TesseraError('UNAUTHENTICATED', 'The identity of the caller is missing, expired or not valid.', {}, { cause });
}

function systemTime(): Date {
  return new Date();
}
