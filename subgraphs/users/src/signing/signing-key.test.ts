import { describe, expect, it } from '@jest/globals';
import { ACCESS_TOKEN_LIFETIME_MS } from '../session/session.ts';
import { ACTIVATION_DELAY_MS, JWKS_MAX_AGE_SECONDS, publishedKeysAt, rotationAt, signingKeyAt } from './signing-key.ts';

const START = new Date('2026-11-21T09:00:00.000Z');
const after = (ms: number) => new Date(START.getTime() + ms);
const rotation = rotationAt(START);
const old = { name: 'old', activatesAt: after(-86_400_000), retiresAt: rotation.retiresAt };
const next = { name: 'next', activatesAt: rotation.activatesAt, retiresAt: null };

describe('rotating the signing key', () => {
  it('publishes both keys at once, and signs with the old one until every cache knows the new one', () => {
    expect(publishedKeysAt([old, next], START)).toEqual([old, next]);
    expect(signingKeyAt([old, next], after(ACTIVATION_DELAY_MS - 1))).toBe(old);
    expect(signingKeyAt([next, old], after(ACTIVATION_DELAY_MS))).toBe(next);
    expect(ACTIVATION_DELAY_MS).toBeGreaterThan(JWKS_MAX_AGE_SECONDS * 1_000);
  });

  it('keeps the old key published as long as its last token may live', () => {
    const lastTokenEnds = after(ACTIVATION_DELAY_MS + ACCESS_TOKEN_LIFETIME_MS);
    expect(publishedKeysAt([old, next], lastTokenEnds)).toContain(old);
    expect(publishedKeysAt([old, next], rotation.retiresAt)).toEqual([next]);
  });

  it('has no key to sign with before the first is active', () => {
    expect(signingKeyAt([next], START)).toBeNull();
  });
});
