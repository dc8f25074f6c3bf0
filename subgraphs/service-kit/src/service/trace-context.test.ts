import { describe, expect, test } from '@jest/globals';
import { childTraceparent, newTraceparent, nextSpan, parseTraceparent, requestIdOf, traceparentOf } from './index.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = `00-${TRACE}-${SPAN}-01`;

describe('traceparent (W3C Trace Context)', () => {
  test('is read with its flag', () => {
    expect(parseTraceparent(PARENT)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true });
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)?.isSampled).toBe(false);
  });

  test('of a later version is read as far as version 00 goes', () => {
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-comes-later`)?.traceId).toBe(TRACE);
  });

  test('gets another span within the same trace', () => {
    const next = nextSpan(PARENT);
    expect(parseTraceparent(next)).toMatchObject({ traceId: TRACE, isSampled: true });
    expect(next.slice(36, 52)).not.toBe(SPAN);
    expect(nextSpan(next)).not.toBe(next);
  });

  test.each([
    undefined,
    '',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
    `${PARENT}\r\nx: y`,
  ])('MUST be ignored when invalid: %j', (header) => {
    expect(parseTraceparent(header)).toBeNull();
  });

  test('is new where there is none, and never repeats', () => {
    expect(parseTraceparent(newTraceparent())).not.toBeNull();
    expect(traceparentOf({})).not.toBe(traceparentOf({}));
    expect(parseTraceparent(traceparentOf({ traceparent: 'nonsense' }))).not.toBeNull();
  });

  test('of a child keeps trace and flag, and has a span of its own', () => {
    const child = parseTraceparent(childTraceparent(PARENT));
    expect(child).toMatchObject({ traceId: TRACE, isSampled: true });
    expect(child?.spanId).not.toBe(SPAN);
  });
});

test('a request id is kept when it is harmless, and made otherwise', () => {
  expect(requestIdOf({ 'x-request-id': 'req-42' })).toBe('req-42');
  for (const hostile of ['', 'a b', 'a\nb', 'x'.repeat(65), '{"a":1}'])
    expect(requestIdOf({ 'x-request-id': hostile })).toMatch(/^[0-9a-f-]{36}$/);
});
