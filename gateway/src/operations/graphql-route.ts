import type { OutgoingHttpHeaders } from 'node:http';
import { type ApolloServer, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server';
import { TesseraError } from '@tessera/service-kit/errors';
import { type Logger, PayloadTooLarge, type RawAnswer, type RawRequest, type Route } from '@tessera/service-kit/service';
import { type GatewayContext, newCollected } from '../execution/context.ts';
import { bytesOfWire } from '../execution/data/wire.ts';
import { type Caller, type CallerParts, resolveCaller } from '../identity/resolve-caller.ts';
import { VISITOR_HEADER } from '../identity/visitor.ts';
import { createWebSession, forgetAccessCookie, isWebClient } from '../identity/web-session.ts';
import type { Admission } from '../limits/admit.ts';
import { LIMITS, LimitExceeded } from '../limits/limits.ts';
import { publicErrorOf } from '../resilience/error-table.ts';
import type { Collapse, SharedAnswer } from './collapse.ts';
import type { Origins } from './origins.ts';
import { type Offer, parseOffer } from './parse-offer.ts';

const REQUEST_MS = 10_000;
const MAX_IDEMPOTENCY_KEY_LENGTH = 255;

export interface GraphqlRouteParts {
  readonly server: ApolloServer<GatewayContext>;
  readonly callers: CallerParts;
  readonly admission: Admission;
  readonly origins: Origins;
  readonly isSecure: boolean;
  /** Null where every request is executed for itself. */
  readonly collapse: Collapse | null;
  readonly log: Logger;
}

/** `/graphql` over HTTP: who asks, what is offered, may it come in; then Apollo Server. */
export function graphqlRoute(parts: GraphqlRouteParts): Route {
  return {
    method: '*',
    path: '/graphql',
    maxBodyBytes: LIMITS.largeBodyBytes,
    handler: async (request) => {
      if (request.method === 'OPTIONS') return { status: 204, headers: parts.origins.preflight(request.headers) };
      if (isBrowserVisit(request)) return { status: 302, headers: { location: '/graphiql' } };
      const answer = await answerOf(request, parts).catch((error: unknown) => refusal(error, request, parts));
      return { ...answer, headers: { 'cache-control': 'no-store', ...answer.headers, ...parts.origins.headersFor(request.headers) } };
    },
  };
}

async function answerOf(request: RawRequest, parts: GraphqlRouteParts): Promise<RawAnswer> {
  const caller = await resolveCaller(request.headers, request.clientAddress, parts.callers);
  const offer = await parseOffer(request);
  const admitted = offer.operations.map((operation) => parts.admission.admit({ ...operation, bodyBytes: offer.bodyBytes }));
  const context = contextOf(request, caller, parts.isSecure);
  const answer = () => execute(request, offer, context, parts.server);
  const { collapse } = parts;
  // A browser session may get cookies with its answer, and they are for one.
  const mayShare = collapse !== null && request.method === 'POST' && context.webSession === null && admitted[0]?.isQuestion === true;
  const { viewer } = caller;
  const shared = mayShare
    ? await collapse.ask({ viewer, seen: context.seen, accept: request.headers.accept ?? '', body: JSON.stringify(offer.body) }, answer)
    : await answer();
  return { ...shared, headers: { ...shared.headers, ...identityHeaders(caller, context, parts) } };
}

async function execute(
  request: RawRequest,
  offer: Offer,
  context: GatewayContext,
  server: GraphqlRouteParts['server'],
): Promise<SharedAnswer> {
  const answer = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method,
      headers: headerMap(request),
      search: request.query.size > 0 ? `?${request.query}` : '',
      body: offer.body,
    },
    context: async () => context,
  });
  return { ...(await toRaw(answer, context)), headers: Object.fromEntries(answer.headers) };
}

function contextOf({ headers, requestId, traceparent }: RawRequest, { viewer }: Caller, isSecure: boolean): GatewayContext {
  return {
    viewer,
    requestId,
    traceparent,
    idempotencyKey: idempotencyKeyOf(headers['idempotency-key']),
    seen: textOf(headers['tessera-seen']),
    deadlineAt: Date.now() + REQUEST_MS,
    webSession: isWebClient(headers) ? createWebSession(headers, isSecure) : null,
    collected: newCollected(),
    wire: { text: null },
  };
}

function idempotencyKeyOf(header: string | string[] | undefined): string | null {
  const key = textOf(header);
  if (key !== null && key.length > MAX_IDEMPOTENCY_KEY_LENGTH)
    throw new TesseraError('BAD_USER_INPUT', `Idempotency-Key has at most ${MAX_IDEMPOTENCY_KEY_LENGTH} characters.`);
  return key;
}

function identityHeaders(
  { visitor }: Caller,
  { webSession }: GatewayContext,
  { callers, isSecure }: GraphqlRouteParts,
): OutgoingHttpHeaders {
  const cookies = [...(webSession?.cookies ?? []), ...(visitor?.isNew ? [callers.visitors.cookieOf(visitor, isSecure)] : [])];
  return { ...(visitor ? { [VISITOR_HEADER]: visitor.token } : {}), ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}) };
}

/** 401 for a token that is not good, 503 where it cannot be checked, 413 for a body beyond all bounds, 400 for everything that was not let in. */
function refusal(error: unknown, { headers }: RawRequest, { isSecure, log }: GraphqlRouteParts): RawAnswer {
  const isUnauthenticated = error instanceof TesseraError && error.code === 'UNAUTHENTICATED';
  return {
    status: statusOf(error),
    headers: {
      'content-type': 'application/json; charset=utf-8',
      // A browser with a bad cookie would otherwise never get past it.
      ...(isUnauthenticated && isWebClient(headers) ? { 'set-cookie': forgetAccessCookie(isSecure) } : {}),
      ...(isUnauthenticated ? { 'www-authenticate': 'Bearer' } : {}),
    },
    body: JSON.stringify({ errors: [publicErrorOf(error, log)] }),
  };
}

function statusOf(error: unknown): number {
  if (error instanceof PayloadTooLarge) return 413;
  if (error instanceof LimitExceeded) return 400;
  if (!(error instanceof TesseraError)) return 500;
  return { UNAUTHENTICATED: 401, SERVICE_UNAVAILABLE: 503 }[error.code as string] ?? 400;
}

/** Somebody typed the address of the endpoint into a browser. */
function isBrowserVisit({ method, query, headers }: RawRequest): boolean {
  return method === 'GET' && query.size === 0 && (headers.accept ?? '').includes('text/html');
}

function headerMap({ headers }: RawRequest): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  return map;
}

async function toRaw({ status, body }: HTTPGraphQLResponse, { wire }: GatewayContext): Promise<Pick<RawAnswer, 'status' | 'body'>> {
  if (wire?.text) return { status: status ?? 200, body: bytesOfWire(wire.text) };
  if (body.kind === 'complete') return { status: status ?? 200, body: body.string };
  const parts: string[] = [];
  for await (const part of body.asyncIterator) parts.push(part);
  return { status: status ?? 200, body: parts.join('') };
}

function textOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header : null;
}
