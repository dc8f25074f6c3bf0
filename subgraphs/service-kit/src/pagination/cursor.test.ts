import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InvariantViolation } from '../errors/index.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const SECRET = 'a-secret-of-the-service';
const content = { sortKey: ['2026-11-21', 7, 2n ** 62n, new Date('2026-11-21T09:30:00.123Z'), null], id: 'ord_01', filterHash: 'f1' };
const refusal = (message: RegExp) => expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringMatching(message) });

describe('a cursor', () => {
  test('gives back sort key and id, each value with its type', () => {
    expect(decodeCursor(encodeCursor(content, SECRET), 'f1', SECRET)).toEqual({ sortKey: content.sortKey, id: 'ord_01' });
  });

  test('MUST give back any sort key', () => {
    const value = fc.oneof(
      fc.string({ maxLength: 50 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0 || 0),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
      fc.date({ noInvalidDate: true }),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), fc.string({ maxLength: 40 }), (sortKey, id) => {
        expect(decodeCursor(encodeCursor({ sortKey, id, filterHash: 'f' }, SECRET), 'f', SECRET)).toEqual({ sortKey, id });
      }),
    );
  });

  test('MUST be refused with any one character changed', () => {
    const text = encodeCursor(content, SECRET);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (index, character) => {
        fc.pre(text[index] !== character);
        expect(() => decodeCursor(text.slice(0, index) + character + text.slice(index + 1), 'f1', SECRET)).toThrow(refusal(/first page/));
      }),
      { numRuns: 500 },
    );
  });

  test.each(['', 'x', 'AAAAAAAAAAAAAAAAAAAAAA', 'e30', '\u0000', 'é'.repeat(40), 'A'.repeat(1_000_000)])(
    'that we never gave is refused: %.30j',
    (text) => {
      expect(() => decodeCursor(text, 'f1', SECRET)).toThrow(refusal(/not one that an earlier answer gave.*first page/));
    },
  );

  test('is refused once the filter changed, and says to start again', () => {
    expect(() => decodeCursor(encodeCursor(content, SECRET), 'f2', SECRET)).toThrow(refusal(/filter or the order changed.*first page/));
  });

  test('of another service is refused', () => {
    expect(() => decodeCursor(encodeCursor(content, 'another-secret'), 'f1', SECRET)).toThrow(refusal(/first page/));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, new Date(Number.NaN), 'x'.repeat(3_000)])('cannot be made from %.20p', (value) => {
    expect(() => encodeCursor({ ...content, sortKey: [value] }, SECRET)).toThrow(InvariantViolation);
  });
});
