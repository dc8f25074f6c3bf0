import { TesseraError } from '@tessera/service-kit/errors';
import type { RawAnswer, RawRequest } from '@tessera/service-kit/service';
import type { Pool } from 'undici';
import { classify, SubgraphTimeout } from './transport.ts';

/** Until the answer begins. */
const ROUTE_TIMEOUT_MS = 10_000;
/** Between two parts of an answer. */
const SILENCE_TIMEOUT_MS = 30_000;
/** What a way in may need, and no more: cookies, authorization and everything that looks like an identity stay here. */
const PASSED_HEADERS: ReadonlySet<string> = new Set([
  'content-type',
  'accept',
  'user-agent',
  'range',
  'if-none-match',
  'stripe-signature',
  'traceparent',
  'x-request-id',
]);
const PASSED_PREFIX = 'paypal-';
const ANSWERED_HEADERS: ReadonlySet<string> = new Set([
  'content-type',
  'content-disposition',
  'cache-control',
  'etag',
  'last-modified',
  'content-range',
  'accept-ranges',
  'retry-after',
]);

export type PassedRequest = Pick<RawRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>;

/**
 * Hands a request that is not GraphQL to a subgraph, its body byte by byte as it came: signatures are over bytes. The answer streams, no faster
 * than the client takes it; one that breaks off ends the client's connection, so that nobody takes it for whole.
 */
export async function passThrough(pool: Pool, name: string, request: PassedRequest): Promise<RawAnswer> {
  const { method, path, query, headers } = request;
  const bytes = await request.body();
  const passed = Object.entries(headers).filter(([key]) => PASSED_HEADERS.has(key) || key.startsWith(PASSED_PREFIX));
  try {
    const answer = await pool.request({
      path: query.size > 0 ? `${path}?${query}` : path,
      method: method as 'GET', // any method that a client can send
      headers: Object.fromEntries(passed),
      ...(bytes.length > 0 ? { body: bytes } : {}),
      headersTimeout: ROUTE_TIMEOUT_MS,
      bodyTimeout: SILENCE_TIMEOUT_MS,
    });
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(Object.entries(answer.headers).filter(([key]) => ANSWERED_HEADERS.has(key))),
      body: answer.body,
    };
  } catch (error) {
    throw publicFault(classify(error, name));
  }
}

function publicFault(cause: Error): TesseraError {
  const code = cause instanceof SubgraphTimeout ? 'TIMEOUT' : 'SERVICE_UNAVAILABLE';
  return new TesseraError(code, 'This part of the platform cannot be reached at the moment: try again.', {}, { cause });
}
