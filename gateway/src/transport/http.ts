import { IDENTITY_HEADER, type IdentitySigner } from '@tessera/service-kit/identity';
import { childTraceparent, type Route } from '@tessera/service-kit/service';
import type { SubgraphAnswer, SubgraphRequest } from '@tessera/service-kit/subgraph';
import { Pool } from 'undici';
import { z } from 'zod';
import { passThrough } from './pass-through.ts';
import { classify, SubgraphUnreachable, type Transport } from './transport.ts';

const OK = 200;
const UNAVAILABLE = 503;
const MAX_CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 2_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_ROUTE_BODY_BYTES = 1024 * 1024;
/** Longer than any signed token list that a subgraph makes. */
const MAX_COMMITTED_LENGTH = 4_000;

const answerSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.looseObject({ message: z.string() })).optional(),
  extensions: z.record(z.string(), z.unknown()).optional(),
});

/** Keep-alive pool to one subgraph. Every request carries a short-lived signed identity; nothing that the client sent as a header goes through. */
export function httpTransport(
  name: string,
  { url, paths = [] }: { readonly url: string; readonly paths?: readonly string[] },
  signer: IdentitySigner,
): Transport {
  const pool = new Pool(url, {
    connections: MAX_CONNECTIONS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
    pipelining: 1,
  });
  return {
    name,
    routes: paths.map(
      (path): Route => ({ method: '*', path, maxBodyBytes: MAX_ROUTE_BODY_BYTES, handler: (request) => passThrough(pool, name, request) }),
    ),
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
    ask: (path) =>
      passThrough(pool, name, { method: 'GET', path, query: new URLSearchParams(), headers: {}, body: async () => Buffer.alloc(0) }),
    close: () => pool.close(),
  };
}

async function send(pool: Pool, name: string, request: SubgraphRequest, identity: string, signal: AbortSignal): Promise<SubgraphAnswer> {
  try {
    const { statusCode, headers, body } = await pool.request({
      path: '/graphql',
      method: 'POST',
      headers: headersOf(request, identity),
      body: JSON.stringify({ query: request.query, variables: request.variables ?? {}, operationName: request.operationName }),
      signal,
    });
    if (statusCode !== OK) {
      await body.dump();
      throw statusCode === UNAVAILABLE ? new SubgraphUnreachable(`${name} is not ready`) : new Error(`${name} answered ${statusCode}`);
    }
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

function isQuestion(query: string): boolean {
  return !/^\s*(mutation|subscription)\b/.test(query);
}
