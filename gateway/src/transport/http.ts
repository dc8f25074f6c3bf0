import { IDENTITY_HEADER, type IdentitySigner } from '@tessera/service-kit/identity';
import { childTraceparent, type RawAnswer, type RawRequest, type Route } from '@tessera/service-kit/service';
import type { SubgraphAnswer, SubgraphRequest } from '@tessera/service-kit/subgraph';
import { Pool } from 'undici';
import { z } from 'zod';
import { SubgraphTimeout, SubgraphUnreachable, type Transport } from './transport.ts';

const MAX_CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 2_000;
const ROUTE_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_ROUTE_BODY_BYTES = 1024 * 1024;
/** Longer than any signed token list that a subgraph makes. */
const MAX_COMMITTED_LENGTH = 4_000;

/** Faults after which the request may be sent again without doubt, because it is only a question. */
const CONNECTION_LOST = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_CLOSED']);
const TIMED_OUT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ABORT_ERR']);

const answerSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.looseObject({ message: z.string() })).optional(),
  extensions: z.record(z.string(), z.unknown()).optional(),
});

/** Keep-alive pool to one subgraph. Every request carries a short-lived signed identity; nothing that the client sent as a header goes through. */
export function httpTransport(name: string, { url, paths = [] }: { readonly url: string; readonly paths?: readonly string[] }, signer: IdentitySigner): Transport {
  const pool = new Pool(url, { connections: MAX_CONNECTIONS, connectTimeout: CONNECT_TIMEOUT_MS, maxResponseSize: MAX_ANSWER_BYTES, pipelining: 1 });
  return {
    name,
    routes: paths.map((path): Route => ({ method: '*', path, maxBodyBytes: MAX_ROUTE_BODY_BYTES, handler: (request) => passThrough(pool, name, request) })),
    execute: async (request, timeoutMs) => {
      const identity = await signer.sign(request.viewer);
      const until = AbortSignal.timeout(timeoutMs);
      try {
        return await send(pool, name, request, identity, until);
      } catch (error) {
        if (!(error instanceof SubgraphUnreachable) || !isQuestion(request.query) || until.aborted) throw error;
        return await send(pool, name, request, identity, until);
      }
    },
    ask: (path) => passThrough(pool, name, { method: 'GET', path, query: new URLSearchParams(), headers: {}, body: async () => Buffer.alloc(0) }),
    close: () => pool.close(),
  };
}

async function send(pool: Pool, name: string, request: SubgraphRequest, identity: string, signal: AbortSignal): Promise<SubgraphAnswer> {
  try {
    const { headers, body } = await pool.request({
      path: '/graphql',
      method: 'POST',
      headers: headersOf(request, identity),
      body: JSON.stringify({ query: request.query, variables: request.variables ?? {}, operationName: request.operationName }),
      signal,
    });
    const answer = answerSchema.parse(await body.json());
    const committed = headers['tessera-committed'];
    return {
      ...(answer.data === undefined ? {} : { data: answer.data }),
      ...(answer.errors ? { errors: answer.errors } : {}),
      ...(answer.extensions ? { extensions: answer.extensions } : {}),
      committed: typeof committed === 'string' && committed.length <= MAX_COMMITTED_LENGTH ? committed : null,
    };
  } catch (error) {
    throw classify(error, name);
  }
}

function headersOf(request: SubgraphRequest, identity: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    [IDENTITY_HEADER]: identity,
    traceparent: childTraceparent(request.traceparent),
    ...(request.requestId ? { 'x-request-id': request.requestId } : {}),
    ...(request.idempotencyKey ? { 'idempotency-key': request.idempotencyKey } : {}),
    ...(request.seen ? { 'tessera-seen': request.seen } : {}),
  };
}

function classify(error: unknown, name: string): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (TIMED_OUT.has(code) || (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError'))) {
    return new SubgraphTimeout(`${name} did not answer in time`, { cause: error });
  }
  if (CONNECTION_LOST.has(code)) return new SubgraphUnreachable(`${name} cannot be reached`, { cause: error });
  return new UnusableAnswer(`${name} gave an answer that is not GraphQL`, { cause: error });
}

/** Somebody answered, but not as a subgraph does: asking again would not help. */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer';
}

function isQuestion(query: string): boolean {
  return !/^\s*(mutation|subscription)\b/.test(query);
}

type Passed = Pick<RawRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>;
/** What a way in may need, and no more: cookies, authorization and everything that looks like an identity stay here. */
const PASSED_HEADERS = ['content-type', 'accept', 'user-agent', 'range', 'if-none-match', 'stripe-signature', 'traceparent', 'x-request-id'];
const PASSED_PREFIX = 'paypal-';
const ANSWERED_HEADERS = ['content-type', 'content-disposition', 'cache-control', 'etag', 'last-modified', 'content-range', 'accept-ranges'];

async function passThrough(pool: Pool, name: string, { method, path, query, headers, body }: Passed): Promise<RawAnswer> {
  const passed = Object.entries(headers).filter(([key]) => PASSED_HEADERS.includes(key) || key.startsWith(PASSED_PREFIX));
  const search = query.size > 0 ? `?${query}` : '';
  try {
    const bytes = await body();
    const answer = await pool.request({
      path: path + search,
      method: method as 'GET', // any method that a client can send
      headers: Object.fromEntries(passed),
      ...(bytes.length > 0 ? { body: bytes } : {}),
      signal: AbortSignal.timeout(ROUTE_TIMEOUT_MS),
    });
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(Object.entries(answer.headers).filter(([key]) => ANSWERED_HEADERS.includes(key))),
      body: Buffer.from(await answer.body.arrayBuffer()),
    };
  } catch (error) {
    throw classify(error, name);
  }
}
