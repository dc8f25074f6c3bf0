import { describe, expect, test } from '@jest/globals';
import { constantTimeEqual, createMac, deriveKey, hmac, randomToken, sha256 } from './index.ts';

describe('deriveKey', () => {
  test('gives the same 32 bytes for the same secret and purpose', () => {
    expect(deriveKey('a secret', 'cursor')).toHaveLength(32);
    expect(deriveKey('a secret', 'cursor')).toEqual(deriveKey('a secret', 'cursor'));
  });

  test('gives unrelated keys for another purpose or another secret', () => {
    const keys = [deriveKey('one', 'cursor'), deriveKey('one', 'fingerprint'), deriveKey('two', 'cursor')];
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(3);
  });
});

test('hmac agrees with RFC 4231, test case 2, in both encodings', () => {
  const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  expect(hmac('Jefe', 'what do ya want for nothing?')).toBe(expected);
  expect(hmac('Jefe', 'what do ya want for nothing?', 'base64url')).toBe(Buffer.from(expected, 'hex').toString('base64url'));
});

test.each([['Jefe'], ['k'.repeat(64)], ['a key that is longer than a block of the hash '.repeat(3)]])(
  'createMac agrees with hmac, key %s',
  (key) => {
    const mac = createMac(key);
    for (const text of ['', 'what do ya want for nothing?', 'é\u{1F600}', 'x'.repeat(1_000)])
      expect(mac(text)).toBe(hmac(key, text, 'base64url'));
  },
);

test('sha256 agrees with FIPS 180-2 and takes text as UTF-8', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256('é')).toBe(sha256(Buffer.from([0xc3, 0xa9])));
});

test('constantTimeEqual tells equal from different texts of any length', () => {
  expect(constantTimeEqual('abc', 'abc')).toBe(true);
  expect(constantTimeEqual('abc', 'abd')).toBe(false);
  expect(constantTimeEqual('abc', 'abcd')).toBe(false);
  expect(constantTimeEqual('', '')).toBe(true);
});

test('randomToken has 256 bits unless told otherwise, and never repeats', () => {
  expect(randomToken()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(Buffer.from(randomToken(16), 'base64url')).toHaveLength(16);
  expect(new Set(Array.from({ length: 100 }, () => randomToken())).size).toBe(100);
});
