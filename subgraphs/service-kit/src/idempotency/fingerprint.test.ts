import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { differingFields, fingerprintOf } from './fingerprint.ts';

const SECRET = Buffer.alloc(32, 7);
const entry = (minor: bigint, more: object = {}) => ({ to: { handle: 'ann' }, amount: { currency: 'USD', minor }, ...more });
const many = (change: (at: number) => object = () => ({})) => Array.from({ length: 101 }, (_, at) => entry(BigInt(at), change(at)));

describe('a fingerprint', () => {
  it('is what it always was: an HMAC by path, 22 characters', () => {
    const expected = createHmac('sha256', SECRET).update('input.amount.minor\nn5').digest('base64url').slice(0, 22);
    expect(fingerprintOf({ input: { amount: { minor: 5n }, idempotencyKey: 'a' } }, SECRET)).toEqual({ 'input.amount.minor': expected });
  });

  it('names fields of the entries of a short list, and the entries of a long one', () => {
    const short = (minor: bigint) => fingerprintOf({ input: { items: [entry(1n), entry(minor)] } }, SECRET);
    expect(differingFields(short(2n), short(3n))).toEqual(['input.items.1.amount.minor']);
    const long = (items: object[]) => fingerprintOf({ input: { items } }, SECRET);
    const changed = many((at) => (at === 42 ? { note: 'hi' } : {}));
    expect(Object.keys(long(many()))).toHaveLength(101);
    expect(differingFields(long(many()), long(changed))).toEqual(['input.items.42']);
    expect(differingFields(long(many()), long([...many(), entry(1n)]))).toEqual(['input.items.101']);
    expect(differingFields(long(many()), long(many()))).toEqual([]);
  });

  it('counts the key of an entry, which is part of what was asked, also in a long list', () => {
    const keyed = (key: string) => fingerprintOf({ input: { items: many(() => ({ idempotencyKey: key })) } }, SECRET);
    expect(differingFields(keyed('a'), keyed('b'))).toHaveLength(101);
  });
});
