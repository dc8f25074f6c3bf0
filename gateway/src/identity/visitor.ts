import type { IncomingHttpHeaders } from 'node:http';
import { constantTimeEqual, deriveKey, hmac } from '@tessera/service-kit/crypto';
import { isId, newId } from '@tessera/service-kit/ids';
import { parseCookies, setCookie } from './cookies.ts';

export const VISITOR_HEADER = 'tessera-visitor';
const VISITOR_COOKIE = 'tessera_visitor';
const YEAR_SECONDS = 365 * 86_400;
const MAX_TOKEN_LENGTH = 200;
/** Visitors whose tokens were found genuine: a signature does not expire. */
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
  const genuine = new Map<string, Visitor>();
  const known = (token: string): Visitor | null => {
    const remembered = genuine.get(token);
    if (remembered) return remembered;
    const id = token.split('.')[0] ?? '';
    if (token.length > MAX_TOKEN_LENGTH || !isId('visitor', id) || !constantTimeEqual(token, tokenOf(id))) return null;
    if (genuine.size >= MAX_REMEMBERED) genuine.delete(genuine.keys().next().value ?? '');
    const visitor = { id, token, isNew: false };
    genuine.set(token, visitor);
    return visitor;
  };
  return {
    recognise: (headers) => {
      const named = headers[VISITOR_HEADER];
      const visitor = typeof named === 'string' ? known(named) : null;
      if (visitor) return visitor;
      const kept = headers.cookie === undefined ? undefined : parseCookies(headers.cookie).get(VISITOR_COOKIE);
      const returning = kept === undefined ? null : known(kept);
      if (returning) return returning;
      const id = newId('visitor');
      return { id, token: tokenOf(id), isNew: true };
    },
    cookieOf: ({ token }, isSecure) => setCookie(VISITOR_COOKIE, token, { maxAgeSeconds: YEAR_SECONDS, isSecure }),
  };
}
