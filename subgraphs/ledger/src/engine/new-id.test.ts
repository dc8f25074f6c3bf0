import { describe, expect, it } from '@jest/globals';
import { isId, newId as kitsNewId } from '@tessera/service-kit/ids';
import { newId } from './new-id.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const bitsOf = (id: string): bigint => [...id.slice(-26)].reduce((bits, character) => bits * 32n + BigInt(ALPHABET.indexOf(character)), 0n);
const timeOf = (id: string): number => Number(bitsOf(id) >> 80n);
const versionOf = (id: string): bigint => (bitsOf(id) >> 76n) & 15n;
const variantOf = (id: string): bigint => (bitsOf(id) >> 62n) & 3n;

describe('the engine’s ids', () => {
  it('are UUIDv7 as TypeIDs, as the kit makes them', () => {
    const before = Date.now();
    const ids = [newId('transfer'), kitsNewId('transfer')];
    for (const id of ids) {
      expect([isId('transfer', id), versionOf(id), variantOf(id)]).toEqual([true, 7n, 2n]);
      expect(timeOf(id)).toBeGreaterThanOrEqual(before);
      expect(timeOf(id)).toBeLessThanOrEqual(Date.now());
    }
  });

  it('MUST not come twice, and sort as they were made', () => {
    const ids = Array.from({ length: 50_000 }, () => newId('hold'));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every((id) => isId('hold', id) && versionOf(id) === 7n && variantOf(id) === 2n)).toBe(true);
  });
});
