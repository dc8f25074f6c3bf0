import { describe, expect, it } from '@jest/globals';
import { decideRefresh, REUSE_GRACE_MS, refreshTokenExpiry, sessionExpiry, type TokenFacts } from './session.ts';

const NOW = new Date('2026-11-21T09:00:00.000Z');
const before = (ms: number) => new Date(NOW.getTime() - ms);
const aToken = (facts: Partial<TokenFacts> = {}): TokenFacts => ({
  usedAt: null,
  expiresAt: before(-60_000),
  session: { expiresAt: before(-60_000), revokedAt: null },
  ...facts,
});

describe('a presented refresh token', () => {
  it.each([
    ['rotates at its first use', {}, 'rotate'],
    ['repeats its successor within the grace', { usedAt: before(REUSE_GRACE_MS) }, 'repeat'],
    ['repeats it for a request that came a moment earlier', { usedAt: before(-5) }, 'repeat'],
    ['revokes the family after the grace', { usedAt: before(REUSE_GRACE_MS + 1) }, 'revoke'],
    ['is refused once it is too old', { expiresAt: NOW }, 'refuse'],
    ['is refused once its session has ended', { session: { expiresAt: NOW, revokedAt: null } }, 'refuse'],
    [
      'is refused within the grace of a closed session',
      { usedAt: before(1), session: { expiresAt: before(-1), revokedAt: NOW } },
      'refuse',
    ],
  ] as const)('%s', (_title, facts, decision) => {
    expect(decideRefresh(aToken(facts), NOW)).toBe(decision);
  });

  it('never outlives its session', () => {
    expect(refreshTokenExpiry(NOW, before(-1_000))).toEqual(before(-1_000));
    expect(refreshTokenExpiry(NOW, sessionExpiry(NOW)).getTime()).toBeLessThan(sessionExpiry(NOW).getTime());
  });
});
