import { expect, it } from '@jest/globals';
import { plainText, prefixQuery } from './search-text.ts';

it.each([
  ['Café-Crème 2.0', 'cafe creme 2 0'],
  ['  !!  ', ''],
  ['ﬁne', 'fine'],
])('%j is indexed as %j', (text, plain) => {
  expect(plainText(text)).toBe(plain);
});

it('asks for every word as the start of one', () => {
  expect(prefixQuery('Desk la')).toBe('desk:* & la:*');
});

it('lets no operator of the query language through', () => {
  expect(prefixQuery(`a' | !b & (c:*) <-> \\d`)).toBe('a:* & b:* & c:* & d:*');
  expect(prefixQuery('&|!():*')).toBeNull();
});

it('bounds words and their number', () => {
  const words = (prefixQuery(`${'x'.repeat(300)} ${'y '.repeat(100)}`) ?? '').split(' & ');
  expect(words).toHaveLength(12);
  expect(words[0]).toBe(`${'x'.repeat(40)}:*`);
});
