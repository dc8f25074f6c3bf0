import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InvariantViolation } from '../errors/index.ts';
import { createEnvelope, SealError } from './index.ts';

const K1 = randomBytes(32).toString('base64');
const K2 = randomBytes(32).toString('base64');
const envelope = createEnvelope({ keys: { k1: K1 }, current: 'k1' });
const PLACE = 'users/usr_01/email';

describe('an envelope', () => {
  test('MUST open what it sealed, for any text and place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, place) => {
        expect(envelope.open(envelope.seal(text, place), place)).toBe(text);
      }),
    );
  });

  test('MUST refuse a value with any one character changed', () => {
    const sealed = envelope.seal('ada@example.org', PLACE);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (index, character) => {
        fc.pre(sealed[index] !== character);
        expect(codeOf(() => envelope.open(sealed.slice(0, index) + character + sealed.slice(index + 1), PLACE))).toMatch(/^SEAL_/);
      }),
      { numRuns: 500 },
    );
  });

  test('MUST refuse a value that was cut short or extended', () => {
    const sealed = envelope.seal('ada@example.org', PLACE);
    for (let length = 0; length < sealed.length; length += 1)
      expect(codeOf(() => envelope.open(sealed.slice(0, length), PLACE))).toMatch(/^SEAL_/);
    expect(codeOf(() => envelope.open(`${sealed}A`, PLACE))).toBe('SEAL_BROKEN');
    expect(codeOf(() => envelope.open(`${sealed}.AA`, PLACE))).toBe('SEAL_MALFORMED');
  });

  test('refuses a value that was moved to another row', () => {
    expect(codeOf(() => envelope.open(envelope.seal('ada@example.org', PLACE), 'users/usr_02/email'))).toBe('SEAL_BROKEN');
  });

  test('refuses a ciphertext under the data key of another', () => {
    const [version, keyId, wrapped] = envelope.seal('one', PLACE).split('.');
    const ciphertext = envelope.seal('two', PLACE).split('.')[3];
    expect(codeOf(() => envelope.open([version, keyId, wrapped, ciphertext].join('.'), PLACE))).toBe('SEAL_BROKEN');
  });

  test('never seals the same text twice to the same ciphertext', () => {
    expect(envelope.seal('same', PLACE)).not.toBe(envelope.seal('same', PLACE));
  });
});

describe('a rotation of keys', () => {
  const rotated = createEnvelope({ keys: { k1: K1, k2: K2 }, current: 'k2' });
  const finished = createEnvelope({ keys: { k2: K2 }, current: 'k2' });

  test('re-wraps without the place, and the old key is no longer needed', () => {
    const rewrapped = rotated.rewrap(envelope.seal('ada@example.org', PLACE));
    expect(rewrapped.split('.')[1]).toBe('k2');
    expect(finished.open(rewrapped, PLACE)).toBe('ada@example.org');
  });

  test('leaves the value bound to its place', () => {
    const rewrapped = rotated.rewrap(envelope.seal('ada@example.org', PLACE));
    expect(codeOf(() => finished.open(rewrapped, 'elsewhere'))).toBe('SEAL_BROKEN');
  });

  test('names the key that is gone', () => {
    const sealed = envelope.seal('ada@example.org', PLACE);
    expect(() => finished.open(sealed, PLACE)).toThrow(expect.objectContaining({ code: 'SEAL_KEY_UNKNOWN', keyId: 'k1' }));
  });

  test('refuses a value that claims another key', () => {
    const relabelled = envelope.seal('ada@example.org', PLACE).replace('.k1.', '.k2.');
    expect(codeOf(() => rotated.open(relabelled, PLACE))).toBe('SEAL_BROKEN');
  });
});

test.each([
  ['a key of another length', { keys: { k1: randomBytes(16).toString('base64') }, current: 'k1' }],
  ['a current key that is not there', { keys: { k1: K1 }, current: 'k2' }],
  ['a key id with a dot', { keys: { 'k.1': K1 }, current: 'k.1' }],
])('createEnvelope refuses %s', (_what, keys) => {
  expect(() => createEnvelope(keys)).toThrow(InvariantViolation);
});

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SealError) return error.code;
    throw error;
  }
  return 'opened';
}
