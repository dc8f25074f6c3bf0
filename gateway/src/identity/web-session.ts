import type { IncomingHttpHeaders } from 'node:http';
import type { SubgraphAnswer, SubgraphRequest } from '@tessera/service-kit/subgraph';
import { clearCookie, parseCookies, setCookie } from './cookies.ts';
import { giveRefreshToken, holdsSessionField, type SessionRewrite, withTokens } from './session-rewrite.ts';

export const CLIENT_HEADER = 'tessera-client';
const WEB_CLIENT = 'web';
const ACCESS_COOKIE = 'tessera_access';
const REFRESH_COOKIE = 'tessera_refresh';
/** The refresh token is worth nothing elsewhere, so it does not travel elsewhere. */
const REFRESH_PATH = '/graphql';
const REFRESH_SECONDS = 30 * 86_400;

/**
 * The session of a browser that sends `Tessera-Client: web`: its tokens live in cookies that scripts cannot read. The header itself is the
 * protection against forged requests: another site cannot set it without a preflight, which the list of origins answers.
 */
export interface WebSession {
  /** Sends the request to a subgraph; where it opens, refreshes or closes a session, tokens go into cookies and leave the body. */
  exchange(request: SubgraphRequest, send: (request: SubgraphRequest) => Promise<SubgraphAnswer>): Promise<SubgraphAnswer>;
  /** `Set-Cookie` values of this operation. */
  readonly cookies: readonly string[];
}

export function isWebClient(headers: IncomingHttpHeaders): boolean {
  return headers[CLIENT_HEADER] === WEB_CLIENT;
}

/** The access token of a browser session, for requests that carry the client header and for sockets whose origin was checked. */
export function accessTokenOfCookies(headers: IncomingHttpHeaders): string | null {
  return parseCookies(headers.cookie).get(ACCESS_COOKIE) || null;
}

export function forgetAccessCookie(isSecure: boolean): string {
  return clearCookie(ACCESS_COOKIE, { isSecure });
}

export function createWebSession(headers: IncomingHttpHeaders, isSecure: boolean, now: () => number = Date.now): WebSession {
  const cookies: string[] = [];
  const refreshToken = parseCookies(headers.cookie).get(REFRESH_COOKIE) || null;

  const keep = ({ accessToken, refreshToken: successor, expiresAt }: SessionTokens): void => {
    const maxAgeSeconds = (Date.parse(expiresAt) - now()) / 1_000;
    cookies.push(setCookie(ACCESS_COOKIE, accessToken, { maxAgeSeconds, isSecure }));
    cookies.push(setCookie(REFRESH_COOKIE, successor, { maxAgeSeconds: REFRESH_SECONDS, path: REFRESH_PATH, isSecure }));
  };
  const forget = (): void => {
    cookies.push(clearCookie(ACCESS_COOKIE, { isSecure }), clearCookie(REFRESH_COOKIE, { path: REFRESH_PATH, isSecure }));
  };

  return {
    cookies,
    exchange: async (request, send) => {
      if (!holdsSessionField(request.query)) return send(request);
      const rewrite = withTokens(request);
      const answer = await send(giveRefreshToken({ ...request, query: rewrite.query }, refreshToken));
      if (!answer.data) return answer;
      const data = structuredClone(answer.data); // in-process answers may be shared or frozen
      takeTokens(data, rewrite).forEach(keep);
      if (rewrite.closingKeys.some((key) => data[key] !== null && data[key] !== undefined)) forget();
      return { ...answer, data };
    },
  };
}

interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: string;
}

/** Reads what the rewrite had asked for, takes it out, and blanks the tokens that the client had asked for itself. */
function takeTokens(data: Record<string, unknown>, { openingKeys, added, blanked }: SessionRewrite): SessionTokens[] {
  return openingKeys.flatMap((key) => {
    const outcome = data[key];
    if (typeof outcome !== 'object' || outcome === null) return [];
    const fields = outcome as Record<string, unknown>; // an object of a GraphQL answer
    const { [added.accessToken]: accessToken, [added.refreshToken]: refreshToken, [added.expiresAt]: expiresAt } = fields;
    for (const name of Object.values(added)) delete fields[name];
    for (const name of blanked) if (typeof fields[name] === 'string') fields[name] = '';
    const isOpened = typeof accessToken === 'string' && typeof refreshToken === 'string' && typeof expiresAt === 'string';
    return isOpened ? [{ accessToken, refreshToken, expiresAt }] : [];
  });
}
