import { describe, expect, it } from '@jest/globals';
import { HANDLE, handleFrom, isDisplayName, isReservedHandle, normalizeDisplayName } from './user.ts';

describe('a display name', () => {
  it.each(['Ada', 'Zoë Müller', 'ليلى', '李小龍', 'O’Brien-Smith 3rd', '🦊'])('may be %s', (name) => {
    expect(isDisplayName(name)).toBe(true);
  });

  it.each([
    ['nothing', '   '],
    ['a direction override', 'Ada\u202etxt'],
    ['a control character', 'Ada\u0007'],
    ['punctuation only', '...'],
    ['too much', 'x'.repeat(81)],
  ])('may not be %s', (_what, name) => {
    expect(isDisplayName(name)).toBe(false);
  });

  it('is stored in one spelling', () => {
    expect(normalizeDisplayName('  Zoe\u0308 \n M ')).toBe('Zo\u00eb M');
  });
});

describe('a handle', () => {
  it.each([
    ['Ada Lovelace', 'ada_lovelace_k3x9ab'],
    ['Żółć!', 'zo_c_k3x9ab'],
    ['李小龍', 'user_k3x9ab'],
    ['007', 'user_k3x9ab'],
    ['x'.repeat(80), `${'x'.repeat(20)}_k3x9ab`],
  ])('is made from %s', (name, handle) => {
    expect(handleFrom(name, 'k3x9abzz')).toBe(handle);
    expect(handle).toMatch(HANDLE);
  });

  it('is reserved where it would speak for the platform', () => {
    expect([isReservedHandle('Support'), isReservedHandle('ada')]).toEqual([true, false]);
  });
});
