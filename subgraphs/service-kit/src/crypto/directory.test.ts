import { describe, expect, it } from '@jest/globals';
import { directoryKey, normalizeEmail } from './directory.ts';

const SECRET = 'a'.repeat(43);

describe('the directory key of an e-mail address', () => {
  it('is the same for every spelling of one address', () => {
    const key = directoryKey(SECRET, 'zoe\u0308@example.com');
    expect(directoryKey(SECRET, '  ZO\u00cb@Example.COM ')).toBe(key);
    expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('differs per address and per secret', () => {
    const key = directoryKey(SECRET, 'ada@example.com');
    expect(directoryKey(SECRET, 'bob@example.com')).not.toBe(key);
    expect(directoryKey('b'.repeat(43), 'ada@example.com')).not.toBe(key);
  });

  it('is of the address as normalised', () => {
    expect(normalizeEmail(' Ada@Example.com\n')).toBe('ada@example.com');
  });
});
