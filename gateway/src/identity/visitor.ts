import type { IncomingHttpHeaders } from 'node:http';
import { constantTimeEqual, deriveKey, hmac } from '@tessera/service-kit/crypto';
import { isId, newId } from '@tessera/service-kit/ids';
import { parseCookies, setCookie } from './cookies.ts';

export const VISITOR_HEADER = 'tessera-visitor';
const VISITOR_COOKIE = 'tessera_visitor';
const YEAR_SECONDS = 365 * 86_400;
const MAX_TOKEN_LENGTH = 200;
/** Tokens that were found genuine: a signature does not expire. */
const MAX_REMEMBERED = 10_000;

export interface Visitor {
  /** `vis_…` */
  readonly id: string;
  /** What the client shall send again: the id and our signature. */
  readonly token: string;
  /** The client does not know it yet. */
  readonly isNew: boolean;
}

export interface Visitors {
  /** The visitor of the request, by header or cookie; a new one where neither holds an id that we signed. */
  recognise(headers: IncomingHttpHeaders): Visitor;
  cookieOf(visitor: Visitor, isSecure: boolean): string;
}

/** Ids of anonymous callers: they own carts and idempotency keys, so nobody may choose one freely. */
export function createVisitors(secret: string): Visitors {
  const key = deriveKey(secret, 'visitors');
  const tokenOf = (id: string) => `${id}.${hmac(key, id, 'base64url')}`;
  const genuine = new Set<string>();
  const isGenuine = (token: string) => {
    if (genuine.has(token)) return true;
    const id = token.split('.')[0] ?? '';
    if (token.length > MAX_TOKEN_LENGTH || !isId('visitor', id) || !constantTimeEqual(token, tokenOf(id))) return false;
    if (genuine.size >= MAX_REMEMBERED) genuine.delete(genuine.values().next().value ?? '');
    genuine.add(token);
    return true;
  };
  return {
    recognise: (headers) => {
      const offered = [headers[VISITOR_HEADER], parseCookies(headers.cookie).get(VISITOR_COOKIE)];
      const token = offered.find((each): each is string => typeof each === 'string' && isGenuine(each));
      if (token) return { id: token.split('.')[0] ?? '', token, isNew: false };
      const id = newId('visitor');
      return { id, token: tokenOf(id), isNew: true };
    },
    cookieOf: ({ token }, isSecure) => setCookie(VISITOR_COOKIE, token, { maxAgeSeconds: YEAR_SECONDS, isSecure }),
  };
}
