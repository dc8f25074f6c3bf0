import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
  ROLES,
  type Role,
  SCOPES,
  type Scope,
} from '@tessera/schema/contract';
import { sha256 } from '@tessera/service-kit/crypto';
import { TesseraError } from '@tessera/service-kit/errors';
import type { Viewer } from '@tessera/service-kit/identity';
import { isId } from '@tessera/service-kit/ids';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';

const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_TOKEN_LENGTH = 8_192;
const MAX_REMEMBERED = 10_000;

const claimsSchema = z.object({
  sub: z.string().refine((id) => isId('user', id)),
  sid: z.string().min(1).max(100),
  exp: z.number(),
  roles: z.array(z.string()).default([]),
  scope: z.string().default(''),
});

/** A signed-in user, and until when we may believe it. */
export interface VerifiedToken {
  readonly userId: string;
  readonly sessionId: string;
  readonly roles: readonly Role[];
  readonly scopes: ReadonlySet<Scope>;
  readonly expiresAtMs: number;
}

export interface AccessTokens {
  /** Throws `UNAUTHENTICATED` for a token that is expired, forged or not one of ours; `SERVICE_UNAVAILABLE` where it cannot be checked. */
  verify(token: string): Promise<VerifiedToken>;
}

/** Checks RFC 9068 access tokens against the keys of the users subgraph only; what a token's header offers as key is not read. */
export function createAccessTokens(keys: JWTVerifyGetKey, now: () => Date = () => new Date()): AccessTokens {
  const remembered = new Map<string, VerifiedToken>();
  return {
    verify: async (token) => {
      if (token.length > MAX_TOKEN_LENGTH) throw unauthenticated('The access token is too long.');
      const key = sha256(token);
      const known = remembered.get(key);
      if (known && known.expiresAtMs > now().getTime()) return known;
      remembered.delete(key);
      const verified = await verifyAnew(token, keys, now());
      if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
      remembered.set(key, verified);
      return verified;
    },
  };
}

export function viewerOfToken({ userId, sessionId, roles, scopes }: VerifiedToken, clientAddress: string): Viewer {
  return { kind: 'user', principal: `user:${userId}`, userId, sessionId, roles, scopes, clientAddress };
}

export function viewerOfVisitor(visitorId: string, clientAddress: string): Viewer {
  return { kind: 'visitor', principal: `visitor:${visitorId}`, userId: null, sessionId: null, roles: [], scopes: new Set(), clientAddress };
}

async function verifyAnew(token: string, keys: JWTVerifyGetKey, currentDate: Date): Promise<VerifiedToken> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['EdDSA'],
      issuer: ACCESS_TOKEN_ISSUER,
      audience: ACCESS_TOKEN_AUDIENCE,
      typ: ACCESS_TOKEN_TYPE,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate,
    });
    const { sub, sid, exp, roles, scope } = claimsSchema.parse(payload);
    const given = scope.split(' ');
    return {
      userId: sub,
      sessionId: sid,
      roles: ROLES.filter((role) => roles.includes(role)),
      scopes: new Set(SCOPES.filter((each) => given.includes(each))),
      expiresAtMs: exp * 1_000,
    };
  } catch (error) {
    if (error instanceof TesseraError) throw error;
    if (error instanceof errors.JWTExpired) throw unauthenticated('The access token has expired: refresh the session.', error);
    throw unauthenticated('The access token is not valid: log in again.', error);
  }
}

function unauthenticated(message: string, cause?: unknown): TesseraError {
  return new TesseraError('UNAUTHENTICATED', message, {}, { cause });
}
