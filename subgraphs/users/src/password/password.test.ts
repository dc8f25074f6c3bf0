import { describe, expect, it } from '@jest/globals';
import { normalizePassword, weaknessesOf } from './password.ts';

const IDENTITIES = ['ada_lovelace', 'ada.l@example.com'];

describe('the weaknesses of a password', () => {
  it.each(['correct-horse-tessera', 'drei Haselnüsse für Aschenbrödel', 'q8Vn!tR2#xW9pL5z'])('has none in %s', (password) => {
    expect(weaknessesOf(password, IDENTITIES)).toEqual([]);
  });

  it('counts characters, not code units', () => {
    expect(weaknessesOf('🦊🐻🐼🐨🐯🦁🐮🐷', IDENTITIES)).toEqual(['TOO_SHORT']);
    expect(weaknessesOf('fourteen-chars', IDENTITIES)).toEqual(['TOO_SHORT']);
    expect(weaknessesOf('fifteen-chars-!', IDENTITIES)).toEqual([]);
  });

  it.each(['Correct-Horse-Battery-Staple', 'this is my password'])('knows the common one %s however it is spelled', (password) => {
    expect(weaknessesOf(password, IDENTITIES)).toContain('COMMON');
  });

  it.each([
    'aaaaaaaaaaaaaaaaa',
    'passwordpassword',
    '123456789012345',
    'abcdefghijklmnopq',
    'poiuytrewqponmlkjihgf'.slice(0, 10).padEnd(20, 'poiuytrewq'),
  ])('finds %s predictable', (password) => {
    expect(weaknessesOf(password, IDENTITIES)).toContain('PREDICTABLE');
  });

  it.each(['my-name-is-ada_lovelace', 'ADA.L@example.com!!', 'lettersforADA.L-123'])(
    'refuses %s, which holds handle or address',
    (password) => {
      expect(weaknessesOf(password, IDENTITIES)).toEqual(['CONTAINS_IDENTITY']);
    },
  );

  it('ignores an identity that is too short to mean anything', () => {
    expect(weaknessesOf('a-boat-on-the-lake', ['bo', 'a@b.example'])).toEqual([]);
  });
});

describe('normalizing a password', () => {
  it('makes one of two spellings of the same text', () => {
    expect(normalizePassword('pa\u0308sswort')).toBe(normalizePassword('p\u00e4sswort'));
  });
});
