import { describe, expect, test } from '@jest/globals';
import { judge } from './answer.ts';

const fault = (code: string, path: readonly (string | number)[] = []) => ({ message: code, path, extensions: { code } });

describe('an answer', () => {
  test.each([
    ['a proxy that answers HTML with 502', 502, undefined, 'retry'],
    ['HTML with 404', 404, undefined, 'failed'],
    ['JSON that is not GraphQL', 200, { ok: true }, 'failed'],
    ['a list', 200, [], 'failed'],
    ['neither data nor errors', 200, { data: null, errors: [] }, 'failed'],
    ['data', 200, { data: { a: 1 } }, 'answered'],
    ['a passing fault that took all data along', 200, { data: null, errors: [fault('SERVICE_UNAVAILABLE', ['a', 'b', 'c'])] }, 'retry'],
    ['a passing and a lasting fault', 200, { data: null, errors: [fault('TIMEOUT'), fault('FORBIDDEN')] }, 'failed'],
    ['a fault without a code', 500, { errors: [{ message: 'boom' }] }, 'failed'],
    ['an expired token', 401, { errors: [fault('UNAUTHENTICATED')] }, 'unauthenticated'],
    ['a part that is not for this caller', 200, { data: { a: { b: null } }, errors: [fault('UNAUTHENTICATED', ['a', 'b'])] }, 'answered'],
  ])('of %s is judged', (_name, status, body, kind) => {
    expect(judge(status, body).kind).toBe(kind);
  });
});
