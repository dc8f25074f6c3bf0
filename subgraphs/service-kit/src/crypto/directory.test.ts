import { describe, expect, it } from '@jest/globals';
import { directoryKey, networkOf, normalizeEmail, recognitionKey } from './directory.ts';

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

describe('the network of a client', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('is recognised by a key that differs by kind and by secret', () => {
    const keys = [recognitionKey('a', 'client', 'x'), recognitionKey('a', 'postal', 'x'), recognitionKey('b', 'client', 'x')];
    expect(new Set([...keys, recognitionKey('a', 'client', 'x')]).size).toBe(3);
  });
});
