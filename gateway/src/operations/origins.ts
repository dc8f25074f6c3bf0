import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

const STUDIO = 'https://studio.apollographql.com';
const PREFLIGHT_SECONDS = 600;
const ALLOWED_HEADERS = [
  'content-type',
  'authorization',
  'idempotency-key',
  'tessera-client',
  'tessera-seen',
  'tessera-visitor',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'apollographql-client-name',
  'apollographql-client-version',
  'traceparent',
  'x-request-id',
].join(', ');
const EXPOSED_HEADERS = 'tessera-visitor, tessera-committed, x-request-id, retry-after';

export interface Origins {
  /** True without an `Origin` (no page asks), for our own pages, and for the list. */
  isAllowed(headers: IncomingHttpHeaders): boolean;
  /** What lets a page of an allowed origin read the answer; nothing for others, whose browser then keeps it from them. */
  headersFor(headers: IncomingHttpHeaders): OutgoingHttpHeaders;
  preflight(headers: IncomingHttpHeaders): OutgoingHttpHeaders;
}

/** Pages of which origins may call with the user's cookies. Never a wildcard; the hosted Sandbox only outside production. */
export function createOrigins(config: {
  readonly corsOrigins: readonly string[];
  readonly publicUrl?: string | undefined;
  readonly isProduction: boolean;
}): Origins {
  const own = config.publicUrl ? [new URL(config.publicUrl).origin] : [];
  const listed = new Set([...config.corsOrigins, ...own, ...(config.isProduction ? [] : [STUDIO])]);
  const isListed = (origin: string | undefined): origin is string => origin !== undefined && listed.has(origin);
  const headersFor = ({ origin }: IncomingHttpHeaders): OutgoingHttpHeaders => ({
    vary: 'Origin',
    ...(isListed(origin)
      ? {
          'access-control-allow-origin': origin,
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': EXPOSED_HEADERS,
        }
      : {}),
  });
  return {
    isAllowed: (headers) => headers.origin === undefined || isListed(headers.origin) || isSameHost(headers),
    headersFor,
    preflight: (headers) => ({
      ...headersFor(headers),
      ...(isListed(headers.origin)
        ? {
            'access-control-allow-methods': 'GET, POST, OPTIONS',
            'access-control-allow-headers': ALLOWED_HEADERS,
            'access-control-max-age': String(PREFLIGHT_SECONDS),
          }
        : {}),
    }),
  };
}

function isSameHost({ origin, host }: IncomingHttpHeaders): boolean {
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
