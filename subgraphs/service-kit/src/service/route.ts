import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { InvariantViolation } from '../errors/index.ts';

/** A request before anything about GraphQL is known. */
export interface RawRequest {
  readonly method: string;
  /** As sent, without the query; not decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Address of the client, behind as many proxies as the service was told to trust. */
  readonly clientAddress: string;
  readonly requestId: string;
  /** W3C trace context, the caller's or a new one. */
  readonly traceparent: string;
  /** Aborted when the client goes away before the answer is complete. */
  readonly signal: AbortSignal;
  /** The whole body. Throws `PayloadTooLarge` beyond the bound of the route, `BAD_USER_INPUT` for a compressed one. May be called twice. */
  body(): Promise<Buffer>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** A stream is destroyed when the client goes away. */
  readonly body?: string | Buffer | Readable;
  /** Of a body that is text; `latin1` where its characters already are the bytes. Default: UTF-8. */
  readonly encoding?: 'utf8' | 'latin1';
}

export interface Route {
  /** In capitals; `*` takes any. `GET` also answers `HEAD`. */
  readonly method: string;
  /** An exact path, or with a trailing `*` everything that starts so. Exact goes first, then the longest prefix. */
  readonly path: string;
  /** Thrown errors become answers: `TesseraError` by its code, everything else a masked 500 that is logged. */
  readonly handler: (request: RawRequest) => RawAnswer | Promise<RawAnswer>;
  /** Default 256 KB. */
  readonly maxBodyBytes?: number;
}

export type RouteMatch = { readonly route: Route } | { readonly allowed: readonly string[] } | null;

/** `{ allowed }` when the path exists, but not for this method. Throws `InvariantViolation` when two routes claim the same requests. */
export function createRouteTable(routes: readonly Route[]): (method: string, path: string) => RouteMatch {
  const exact = new Map<string, Route[]>();
  const prefixes = new Map<string, Route[]>();
  for (const route of routes) {
    const isPrefix = route.path.endsWith('*');
    const [table, key] = isPrefix ? [prefixes, route.path.slice(0, -1)] : [exact, route.path];
    const same = table.get(key) ?? [];
    if (same.some(({ method }) => method === route.method)) throw new InvariantViolation(`Two routes for ${route.method} ${route.path}`);
    table.set(key, [...same, route]);
  }
  const longestFirst = [...prefixes].sort(([left], [right]) => right.length - left.length);

  return (method, path) => {
    const candidates = exact.get(path) ?? longestFirst.find(([prefix]) => path.startsWith(prefix))?.[1];
    if (!candidates) return null;
    const route = candidates.find((each) => each.method === method) ?? candidates.find((each) => answers(each, method));
    return route ? { route } : { allowed: candidates.map((each) => each.method) };
  };
}

function answers(route: Route, method: string): boolean {
  return route.method === '*' || (route.method === 'GET' && method === 'HEAD');
}
