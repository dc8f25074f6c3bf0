import { randomFillSync, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.{0,200})?$/;
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** W3C Trace Context, level 1, section 3.2. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the caller's span. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Null for what the specification calls invalid: then a new trace starts. Later versions are read as far as version 00 goes. */
export function parseTraceparent(header: string | undefined | null): TraceContext | null {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(header ?? '') ?? [];
  if (!version || !traceId || !spanId || !flags) return null;
  if (version === 'ff' || (version === '00' && more) || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function newTraceparent(): string {
  return format({ traceId: randomHex(TRACE_BYTES), spanId: randomHex(SPAN_BYTES), isSampled: true });
}

/** The same trace one call further down; a new trace where there is no valid parent. */
export function childTraceparent(parent: string | undefined | null): string {
  const context = parseTraceparent(parent);
  return context ? format({ ...context, spanId: randomHex(SPAN_BYTES) }) : newTraceparent();
}

const TRACE_LENGTH = '00-'.length + 2 * TRACE_BYTES + '-'.length;

/** The same for a parent that one of these functions made, which is not looked at again: for what is sent many times in one request. */
export function nextSpan(parent: string): string {
  return `${parent.slice(0, TRACE_LENGTH)}${randomHex(SPAN_BYTES)}${parent.slice(TRACE_LENGTH + 2 * SPAN_BYTES)}`;
}

/** The trace that a request belongs to, as version 00. */
export function traceparentOf(headers: IncomingHttpHeaders): string {
  const context = parseTraceparent(textOf(headers.traceparent));
  return context ? format(context) : newTraceparent();
}

/** The caller's `X-Request-Id` where it is harmless in a log, otherwise a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = textOf(headers['x-request-id']);
  return given && REQUEST_ID.test(given) ? given : randomUUID();
}

function format({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? undefined : header;
}

const POOL_BYTES = 4_096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** From a pool: a span is begun many times in one request, and the generator is slow to be asked for a few bytes. */
function randomHex(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}
