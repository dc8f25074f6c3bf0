import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { pathOfLiteral } from './literal-path.ts';

const schema = buildSchema(`
  input Money { currency: String! minor: String! }
  input Item { amount: Money! tags: [String!] }
  type Query { pay(input: Item, items: [Item!], count: Int): Int }`);
const pathsOf = (query: string) => validate(schema, parse(query)).map(pathOfLiteral);

describe('a value in the text of a query that is refused', () => {
  it.each([
    ['an argument', '{ pay(count: "one") }', ['count']],
    ['a field of it', '{ pay(input: { amount: { currency: "USD", minor: 5 } }) }', ['input', 'amount', 'minor']],
    [
      'one of a list',
      '{ pay(items: [{ amount: { currency: "USD", minor: "1" } }, { amount: { currency: 7, minor: "1" } }]) }',
      ['items', '1', 'amount', 'currency'],
    ],
    ['a list within', 'query Q { a: pay(input: { amount: { currency: "USD", minor: "1" }, tags: ["x", 3] }) }', ['input', 'tags', '1']],
    ['an object that lacks a field', '{ pay(input: { amount: { currency: "USD" } }) }', ['input', 'amount']],
    ['a field that is not known', '{ pay(input: { amount: { currency: "USD", minor: "1", cents: 5 } }) }', ['input', 'amount', 'cents']],
    [
      'the default of a variable',
      'query ($item: Item = { tags: [5], amount: { currency: "USD", minor: "1" } }) { pay(input: $item) }',
      ['item', 'tags', '0'],
    ],
  ])('is told by its place: %s', (_, query, path) => {
    expect(pathsOf(query)).toEqual([path]);
  });

  it('is not looked for where something else is wrong', () => {
    expect(pathsOf('{ nothing }')).toEqual([null]);
    expect(pathsOf('{ pay(unknown: 1) }')).toEqual([null]);
  });
});
