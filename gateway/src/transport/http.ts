import { IDENTITY_HEADER, type IdentitySigner } from '@tessera/service-kit/identity';
import { childTraceparent, type Route } from '@tessera/service-kit/service';
import type { SubgraphAnswer } from '@tessera/service-kit/subgraph';
import { Pool } from 'undici';
import { z } from 'zod';
import { bytesOfWire, type WireText, wireOfBytes } from '../execution/data/wire.ts';
import type { FetchContext } from './fetch-context.ts';
import { passThrough } from './pass-through.ts';
import { classify, SubgraphUnreachable, type Transport } from './transport.ts';

/** Where a subgraph answers whose URL names no path. */
const DEFAULT_PATH = '/graphql';
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
  const { origin, pathname } = new URL(url);
  const path = pathname === '/' ? DEFAULT_PATH : pathname;
  const pool = new Pool(origin, {
    connections: MAX_CONNECTIONS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
    pipelining: 1,
  });
  /** A question is asked once more where the connection was lost, a mutation never. */
  const exchange = async (request: FetchContext, body: Buffer, isRepeatable: boolean, timeoutMs: number): Promise<Received> => {
    const identity = await signer.sign(request.viewer);
    const until = AbortSignal.timeout(timeoutMs);
    try {
      return await send(pool, path, name, request, body, identity, until);
    } catch (error) {
      if (!(error instanceof SubgraphUnreachable) || !isRepeatable || until.aborted) throw error;
      return await send(pool, path, name, request, body, identity, until);
    }
  };
  return {
    name,
    routes: paths.map(
      (path): Route => ({ method: '*', path, maxBodyBytes: MAX_ROUTE_BODY_BYTES, handler: (request) => passThrough(pool, name, request) }),
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
      passThrough(pool, name, { method: 'GET', path, query: new URLSearchParams(), headers: {}, body: async () => Buffer.alloc(0) }),
    close: () => pool.close(),
  };
}

interface Received {
  readonly bytes: Buffer;
  readonly committed: string | null;
}

async function send(
  pool: Pool,
  path: string,
  name: string,
  request: FetchContext,
  sent: Buffer,
  identity: string,
  signal: AbortSignal,
): Promise<Received> {
  try {
    const { statusCode, headers, body } = await pool.request({
      path,
      method: 'POST',
      headers: headersOf(request, identity),
      body: sent,
      signal,
    });
    if (statusCode !== OK) {
      await body.dump();
      throw statusCode === UNAVAILABLE ? new SubgraphUnreachable(`${name} is not ready`) : new Error(`${name} answered ${statusCode}`);
    }
    const bytes = Buffer.from(await body.bytes());
    const committed = headers['tessera-committed'];
    return { bytes, committed: typeof committed === 'string' && committed.length <= MAX_COMMITTED_LENGTH ? committed : null };
  } catch (error) {
    throw classify(error, name);
  }
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

function headersOf(request: FetchContext, identity: string): Record<string, string> {
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
