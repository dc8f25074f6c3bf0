import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ErrorCode } from '@tessera/schema/contract';
import { TesseraError } from '../errors/index.ts';
import { atEndOfTurn } from './end-of-turn.ts';
import { PayloadTooLarge } from './request-body.ts';
import type { RawAnswer } from './route.ts';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_USER_INPUT: 400,
  RATE_LIMITED: 429,
  COST_LIMITED: 400,
  PERSISTED_QUERY_NOT_FOUND: 404,
  OPERATION_NOT_ALLOWED: 403,
  IDEMPOTENCY_KEY_REQUIRED: 400,
  SERVICE_UNAVAILABLE: 503,
  TIMEOUT: 504,
  INTERNAL: 500,
};

/** Every error body has the shape of GraphQL errors: `{ errors: [{ message, extensions: { code, … } }] }`. */
export function errorAnswer(error: TesseraError): RawAnswer {
  const status = error instanceof PayloadTooLarge ? 413 : STATUS[error.code];
  const retryAfterMs = error.data.retryAfterMs;
  return {
    ...jsonAnswer(status, { errors: [{ message: error.message, extensions: { ...error.data, code: error.code } }] }),
    headers: { ...JSON_HEADERS, ...(typeof retryAfterMs === 'number' ? { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) } : {}) },
  };
}

/** Says nothing about the fault; the id leads to the line in the log. */
export function maskedAnswer(requestId: string): RawAnswer {
  return errorAnswer(new TesseraError('INTERNAL', 'Something went wrong on our side.', { requestId }));
}

export function jsonAnswer(status: number, content: unknown): RawAnswer {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(content) };
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

/** Resolves once everything is on its way to the socket; a stream that fails half-way ends the connection, so that nobody takes it for whole. */
export async function writeAnswer(
  response: ServerResponse,
  { status, headers = {}, body = '', encoding = 'utf8' }: RawAnswer,
  added: Record<string, string>,
): Promise<void> {
  if (response.destroyed) {
    if (isStream(body)) body.destroy();
    return;
  }
  if (isStream(body)) {
    response.writeHead(status, { ...headers, ...added });
    response.flushHeaders();
    await pipeline(body, response);
    return;
  }
  const bytes = typeof body === 'string' ? Buffer.byteLength(body, encoding) : body.length;
  response.writeHead(status, { ...headers, ...added, ...(status === 204 || status === 304 ? {} : { 'content-length': bytes }) });
  atEndOfTurn(() => {
    if (!response.destroyed) response.end(body, encoding);
  });
}

function isStream(body: string | Buffer | Readable): body is Readable {
  return typeof body === 'object' && !Buffer.isBuffer(body);
}
