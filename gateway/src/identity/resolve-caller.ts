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
  return { viewer: oneViewer(visitor, clientAddress, () => viewerOfVisitor(visitor.id, clientAddress)), visitor, expiresAtMs: null };
}

export async function callerOfToken(token: string, clientAddress: string, accessTokens: AccessTokens): Promise<Caller> {
  const verified = await accessTokens.verify(token);
  const viewer = oneViewer(verified, clientAddress, () => viewerOfToken(verified, clientAddress));
  return { viewer, visitor: null, expiresAtMs: verified.expiresAtMs };
}

const viewers = new WeakMap<object, Viewer>();

/** One object for one viewer, as long as it stays at its address: what is derived from a viewer is kept by it. */
function oneViewer(source: object, clientAddress: string, make: () => Viewer): Viewer {
  const known = viewers.get(source);
  if (known?.clientAddress === clientAddress) return known;
  const viewer = make();
  viewers.set(source, viewer);
  return viewer;
}

/** Null when nothing was given; throws for a scheme that we do not take. */
export function bearerOf(authorization: unknown): string | null {
  if (authorization === undefined || authorization === null || authorization === '') return null;
  const token = typeof authorization === 'string' ? /^Bearer +([\w\-.~+/]+=*)$/i.exec(authorization.trim())?.[1] : undefined;
  if (!token) throw new TesseraError('UNAUTHENTICATED', 'Authorization must be "Bearer " and an access token.');
  return token;
}
