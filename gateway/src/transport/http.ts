import { IDENTITY_HEADER, type IdentitySigner, type Viewer } from '@tessera/service-kit/identity';
import { childTraceparent, type Route } from '@tessera/service-kit/service';
import type { SubgraphAnswer } from '@tessera/service-kit/subgraph';
import { Pool } from 'undici';
import { z } from 'zod';
import { bytesOfWire, type WireText, wireOfBytes } from '../execution/data/wire.ts';
import type { FetchContext } from './fetch-context.ts';
import { passThrough } from './pass-through.ts';
import { type Posted, post } from './post.ts';
import { classify, SubgraphUnreachable, type Transport } from './transport.ts';

/** Where a subgraph answers whose URL names no path. */
const DEFAULT_PATH = '/graphql';
const OK = 200;
const UNAVAILABLE = 503;
const MAX_CONNECTIONS = 64;
/** Of the ways in that are not GraphQL: a slow download must not take the place of a question. */
const MAX_ROUTE_CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 2_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_ROUTE_BODY_BYTES = 1024 * 1024;

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
  const { origin, pathname } = new URL(url);
  const path = pathname === '/' ? DEFAULT_PATH : pathname;
  const pool = new Pool(origin, {
    connections: MAX_CONNECTIONS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
    pipelining: 1,
  });
  const routePool = new Pool(origin, { connections: MAX_ROUTE_CONNECTIONS, connectTimeout: CONNECT_TIMEOUT_MS, pipelining: 1 });
  const identityOf = createIdentityCache(signer);
  /** A question is asked once more where the connection was lost, a mutation never. */
  const exchange = async (request: FetchContext, body: Buffer, isRepeatable: boolean, timeoutMs: number): Promise<Posted> => {
    const until = performance.now() + timeoutMs;
    const known = identityOf(request.viewer);
    const headers = headersOf(request, typeof known === 'string' ? known : await known);
    try {
      return await send(pool, path, name, headers, body, timeoutMs);
    } catch (error) {
      const leftMs = until - performance.now();
      if (!(error instanceof SubgraphUnreachable) || !isRepeatable || leftMs <= 0) throw error;
      return await send(pool, path, name, headers, body, leftMs);
    }
  };
  return {
    name,
    routes: paths.map(
      (path): Route => ({
        method: '*',
        path,
        maxBodyBytes: MAX_ROUTE_BODY_BYTES,
        handler: (request) => passThrough(routePool, name, request),
      }),
    ),
    execute: async (request, timeoutMs) => {
      const body = JSON.stringify({ query: request.query, variables: request.variables ?? {}, operationName: request.operationName });
      const { bytes, committed } = await exchange(request, Buffer.from(body), isQuestion(request.query), timeoutMs);
      return { ...parseAnswer(bytes, name), committed };
    },
    executeText: async (request, timeoutMs) => {
      const { bytes, committed } = await exchange(request, bytesOfWire(request.body), !request.isMutation, timeoutMs);
      return { text: textOf(bytes, name), committed };
    },
    ask: (path) =>
      passThrough(routePool, name, { method: 'GET', path, query: new URLSearchParams(), headers: {}, body: async () => Buffer.alloc(0) }),
    close: async () => {
      await Promise.all([pool.close(), routePool.close()]);
    },
  };
}

async function send(pool: Pool, path: string, name: string, headers: string[], body: Buffer, timeoutMs: number): Promise<Posted> {
  let posted: Posted;
  try {
    posted = await post(pool, path, headers, body, timeoutMs);
  } catch (error) {
    throw classify(error, name);
  }
  const { statusCode } = posted;
  if (statusCode === OK) return posted;
  if (statusCode === UNAVAILABLE) throw new SubgraphUnreachable(`${name} is not ready`);
  throw classify(new Error(`${name} answered ${statusCode}`), name);
}

const IDENTITY_REUSE_MS = 10_000;

/** The token of a viewer without waiting, once it is known: every fetch of an operation carries the same. */
function createIdentityCache(signer: IdentitySigner): (viewer: Viewer) => string | Promise<string> {
  const known = new WeakMap<Viewer, { readonly token: string; readonly until: number }>();
  return (viewer) => {
    const entry = known.get(viewer);
    const now = performance.now();
    if (entry && entry.until > now) return entry.token;
    return signer.sign(viewer).then((token) => {
      known.set(viewer, { token, until: now + IDENTITY_REUSE_MS });
      return token;
    });
  };
}

function parseAnswer(bytes: Buffer, name: string): Omit<SubgraphAnswer, 'committed'> {
  try {
    const { data, errors, extensions } = answerSchema.parse(JSON.parse(bytes.toString('utf8')));
    return { ...(data === undefined ? {} : { data }), ...(errors ? { errors } : {}), ...(extensions ? { extensions } : {}) };
  } catch (error) {
    throw classify(error, name);
  }
}

function textOf(bytes: Buffer, name: string): WireText {
  try {
    return wireOfBytes(bytes);
  } catch (error) {
    throw classify(error, name);
  }
}

/** Names and values in turn. */
function headersOf(request: FetchContext, identity: string): string[] {
  const headers = ['content-type', 'application/json', 'accept', 'application/json', IDENTITY_HEADER, identity];
  headers.push('traceparent', childTraceparent(request.traceparent));
  if (request.requestId) headers.push('x-request-id', request.requestId);
  if (request.idempotencyKey) headers.push('idempotency-key', request.idempotencyKey);
  if (request.seen) headers.push('tessera-seen', request.seen);
  return headers;
}

function isQuestion(query: string): boolean {
  return !/^\s*(mutation|subscription)\b/.test(query);
}
