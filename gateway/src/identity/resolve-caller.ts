import type { IncomingHttpHeaders } from 'node:http';
import { TesseraError } from '@tessera/service-kit/errors';
import type { Viewer } from '@tessera/service-kit/identity';
import { type AccessTokens, viewerOfToken, viewerOfVisitor } from './access-token.ts';
import type { Visitor, Visitors } from './visitor.ts';
import { accessTokenOfCookies, isWebClient } from './web-session.ts';

/** Who sent a request. */
export interface Caller {
  readonly viewer: Viewer;
  /** Set for anonymous callers. */
  readonly visitor: Visitor | null;
  /** When what the viewer is based on ends; null for visitors. */
  readonly expiresAtMs: number | null;
}

export interface CallerParts {
  readonly accessTokens: AccessTokens;
  readonly visitors: Visitors;
}

/**
 * By bearer token, by session cookie (browsers that say `Tessera-Client: web`), else as a visitor. A token that is given and not good is an error:
 * nobody is silently made anonymous. Every other header that looks like an identity is not read.
 */
export async function resolveCaller(
  headers: IncomingHttpHeaders,
  clientAddress: string,
  { accessTokens, visitors }: CallerParts,
): Promise<Caller> {
  const token = bearerOf(headers.authorization) ?? (isWebClient(headers) ? accessTokenOfCookies(headers) : null);
  if (token !== null) return callerOfToken(token, clientAddress, accessTokens);
  const visitor = visitors.recognise(headers);
  return { viewer: viewerOfVisitor(visitor.id, clientAddress), visitor, expiresAtMs: null };
}

export async function callerOfToken(token: string, clientAddress: string, accessTokens: AccessTokens): Promise<Caller> {
  const verified = await accessTokens.verify(token);
  return { viewer: viewerOfToken(verified, clientAddress), visitor: null, expiresAtMs: verified.expiresAtMs };
}

/** Null when nothing was given; throws for a scheme that we do not take. */
export function bearerOf(authorization: unknown): string | null {
  if (authorization === undefined || authorization === null || authorization === '') return null;
  const token = typeof authorization === 'string' ? /^Bearer +([\w\-.~+/]+=*)$/i.exec(authorization.trim())?.[1] : undefined;
  if (!token) throw new TesseraError('UNAUTHENTICATED', 'Authorization must be "Bearer " and an access token.');
  return token;
}
