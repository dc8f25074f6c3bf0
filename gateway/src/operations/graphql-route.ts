import type { OutgoingHttpHeaders } from 'node:http';
import { type ApolloServer, HeaderMap, type HTTPGraphQLRequest, type HTTPGraphQLResponse } from '@apollo/server';
import { TesseraError } from '@tessera/service-kit/errors';
import { type Logger, PayloadTooLarge, type RawAnswer, type RawRequest, type Route } from '@tessera/service-kit/service';
import { type GatewayContext, newCollected } from '../execution/context.ts';
import { bytesOfWire } from '../execution/data/wire.ts';
import { partitionOf } from '../identity/partition.ts';
import { type Caller, type CallerParts, resolveCaller } from '../identity/resolve-caller.ts';
import { VISITOR_HEADER } from '../identity/visitor.ts';
import { CLIENT_HEADER, createWebSession, forgetAccessCookie, isWebClient } from '../identity/web-session.ts';
import type { Admission, Admitted } from '../limits/admit.ts';
import { LIMITS, LimitExceeded } from '../limits/limits.ts';
import { publicErrorOf } from '../resilience/error-table.ts';
import type { AnswerTypes } from './answer-types.ts';
import type { Collapse, SharedAnswer } from './collapse.ts';
import { forServer, namedHashOf } from './named-document.ts';
import type { Origins } from './origins.ts';
import { type Offer, parseOffer } from './parse-offer.ts';
import { clientNameOf, type OperationPolicy } from './policy.ts';

const OK = 200;
const REQUEST_MS = 10_000;
const MAX_IDEMPOTENCY_KEY_LENGTH = 255;

export interface GraphqlRouteParts {
  readonly server: ApolloServer<GatewayContext>;
  readonly callers: CallerParts;
  readonly admission: Admission;
  readonly policy: OperationPolicy;
  /** The text of a document by its hash: those of manifests, and those that were sent lately. */
  readonly textOf: (hash: string) => string | undefined;
  readonly answerTypes: AnswerTypes;
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
  const { hash, isQuestion } = admit(offer, request, parts);
  const context = contextOf(request, caller, isQuestion, parts.isSecure);
  const answer = () => execute(request, forServer(offer, request.query, hash), context, parts);
  const { collapse } = parts;
  // A browser session may get cookies with its answer, and they are for one.
  const mayShare = collapse !== null && isQuestion && request.method === 'POST' && context.webSession === null;
  const { viewer } = caller;
  const shared = mayShare
    ? await collapse.ask({ viewer, seen: context.seen, accept: request.headers.accept ?? '', body: offer.text }, answer)
    : await answer();
  return { ...shared, headers: { ...shared.headers, ...identityHeaders(caller, context, parts) } };
}

/** Whether the operation may come in, by what it asks and by who sends it. */
function admit({ parameters, bodyBytes }: Offer, { headers }: RawRequest, { admission, policy, textOf }: GraphqlRouteParts): Admitted {
  if (!parameters) return admission.admit({ query: null, bodyBytes });
  const { query, variables, extensions } = parameters;
  const named = namedHashOf(parameters);
  const text = query ?? (named === null ? null : (textOf(named) ?? null));
  // Never passed on: by the time the server looks, somebody else may have sent its text.
  if (text === null && named !== null) throw new TesseraError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
  const client = clientNameOf(headers);
  return admission.admit({ query: text, variables: { variables, extensions }, bodyBytes, allow: (hash) => policy.check(hash, client) });
}

async function execute(
  request: RawRequest,
  asked: Pick<HTTPGraphQLRequest, 'body' | 'search'>,
  context: GatewayContext,
  { server, answerTypes }: GraphqlRouteParts,
): Promise<SharedAnswer> {
  const partition = partitionOf(context.viewer);
  partition.underWay += 1;
  const answer = await server
    .executeHTTPGraphQLRequest({
      httpGraphQLRequest: { ...asked, method: request.method, headers: headersForServer(request) },
      context: async () => context,
    })
    .finally(() => {
      partition.underWay -= 1;
    });
  const raw = await toRaw(answer, context);
  if (raw.status === OK) answerTypes.learn(request.headers.accept, answer.headers.get('content-type'));
  return { ...raw, headers: Object.fromEntries(answer.headers) };
}

function contextOf(
  { headers, requestId, traceparent }: RawRequest,
  { viewer }: Caller,
  isQuestion: boolean,
  isSecure: boolean,
): GatewayContext {
  return {
    viewer,
    isQuestion,
    requestId,
    traceparent,
    idempotencyKey: idempotencyKeyOf(headers['idempotency-key']),
    seen: headerText(headers['tessera-seen']),
    deadlineAt: Date.now() + REQUEST_MS,
    startedAt: performance.now(),
    webSession: isWebClient(headers) ? createWebSession(headers, isSecure) : null,
    collected: newCollected(),
    wire: { text: null },
  };
}

function idempotencyKeyOf(header: string | string[] | undefined): string | null {
  const key = headerText(header);
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

/** 200 for a hash that nobody knows, as clients expect it, 401 for a token that is not good, 503 where it cannot be checked, 413 for a body beyond all bounds, 400 for everything that was not let in. */
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
  return { PERSISTED_QUERY_NOT_FOUND: OK, UNAUTHENTICATED: 401, SERVICE_UNAVAILABLE: 503 }[error.code as string] ?? 400;
}

/** Somebody typed the address of the endpoint into a browser. */
function isBrowserVisit({ method, query, headers }: RawRequest): boolean {
  return method === 'GET' && query.size === 0 && (headers.accept ?? '').includes('text/html');
}

/** What the server and its plugins read: to choose a media type, and to refuse forged requests. */
const HEADERS_FOR_SERVER = ['accept', 'content-type', CLIENT_HEADER, 'apollo-require-preflight', 'x-apollo-operation-name'] as const;

function headersForServer({ headers }: RawRequest): HeaderMap {
  const map = new HeaderMap();
  for (const name of HEADERS_FOR_SERVER) {
    const value = headers[name];
    if (typeof value === 'string') map.set(name, value);
  }
  return map;
}

/** Above this, bytes are copied once into a buffer, which all sockets that get this answer share; below, a socket is quicker with text. */
const MAX_TEXT_LENGTH = 16_384;

async function toRaw(
  { status = OK, body }: HTTPGraphQLResponse,
  { wire }: GatewayContext,
): Promise<Pick<RawAnswer, 'status' | 'body' | 'encoding'>> {
  if (wire?.text) {
    const { text } = wire;
    return text.length > MAX_TEXT_LENGTH ? { status, body: bytesOfWire(text) } : { status, body: text, encoding: 'latin1' };
  }
  if (body.kind === 'complete') return { status, body: body.string };
  const parts: string[] = [];
  for await (const part of body.asyncIterator) parts.push(part);
  return { status, body: parts.join('') };
}

function headerText(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header : null;
}
