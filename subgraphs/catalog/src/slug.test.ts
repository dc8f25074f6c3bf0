import { describe, expect, it } from '@jest/globals';
import { firstFree, MAX_SLUG_LENGTH, SLUG, slugOf } from './slug.ts';

describe('a slug', () => {
  it.each([
    ['Café crème, 2 cups', 'cafe-creme-2-cups'],
    ['  --Desk__Lamp!--  ', 'desk-lamp'],
    ['دفتر', ''],
    ['a'.repeat(500), 'a'.repeat(MAX_SLUG_LENGTH)],
  ])('of %j is %j', (title, slug) => {
    expect(slugOf(title)).toBe(slug);
  });

  it('takes the next free number, within the length', () => {
    expect(firstFree('lamp', new Set())).toBe('lamp');
    expect(firstFree('lamp', new Set(['lamp', 'lamp-2']))).toBe('lamp-3');
    const long = 'a'.repeat(MAX_SLUG_LENGTH);
    const next = firstFree(long, new Set([long])) ?? '';
    expect(next).toHaveLength(MAX_SLUG_LENGTH);
    expect(next).toMatch(SLUG);
  });
});
