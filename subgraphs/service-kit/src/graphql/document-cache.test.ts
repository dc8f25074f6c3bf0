import { expect, it } from '@jest/globals';
import { createDocumentCache } from './document-cache.ts';

it('keeps so many texts, and drops the oldest first', () => {
  const cache = createDocumentCache<number>({ maxEntries: 2, maxCharacters: 100 });
  for (const [at, text] of ['a', 'b', 'c'].entries()) cache.set(text, at);
  expect(['a', 'b', 'c'].map(cache.get)).toEqual([undefined, 1, 2]);
});

it('keeps so many characters, and not a text that is longer than all of that', () => {
  const cache = createDocumentCache<number>({ maxEntries: 100, maxCharacters: 10 });
  for (const text of ['aaaa', 'bbbb', 'cccc']) cache.set(text, 1);
  expect(['aaaa', 'bbbb', 'cccc'].map(cache.get)).toEqual([undefined, 1, 1]);
  cache.set('x'.repeat(11), 1);
  expect(cache.get('x'.repeat(11))).toBeUndefined();
  expect(cache.get('cccc')).toBe(1);
});

it('counts a text once', () => {
  const cache = createDocumentCache<number>({ maxEntries: 10, maxCharacters: 6 });
  for (let turn = 0; turn < 5; turn += 1) cache.set('aaa', turn);
  cache.set('bbb', 9);
  expect([cache.get('aaa'), cache.get('bbb')]).toEqual([4, 9]);
});
