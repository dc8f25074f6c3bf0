import { describe, expect, it } from '@jest/globals';
import { smallGraph } from '../../test/small-graph.ts';

/** What the stock executor or the planner gets wrong; each is a named difference. */
describe('traps of federation', () => {
  it('the name of an interface object takes nothing back from who knows the type', async () => {
    const graph = await smallGraph({
      media: {
        sdl: 'type Query { media: [Media!] book: Book } interface Media @key(fields: "id") { id: ID! title: String } type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }',
        resolvers: {
          Query: { media: () => [{ __typename: 'Book', id: '1', title: 'T', pages: 3 }], book: () => ({ id: '1', pages: 3 }) },
        },
      },
      reviews: {
        sdl: 'type Media @interfaceObject @key(fields: "id") { id: ID! reviews: [Review!] } type Review @key(fields: "id") { id: ID! of: Media }',
        resolvers: { Media: { __resolveReference: ({ id }: { id: string }) => ({ id, reviews: [{ id: `r${id}` }] }) } },
      },
    });
    expect((await graph.run('{ book { __typename reviews { id } ... on Media { __typename } pages } }')).text).toBe(
      '{"book":{"__typename":"Book","reviews":[{"id":"r1"}],"pages":3}}',
    );
    expect((await graph.run('{ media { reviews { id } ... on Book { pages } __typename } }')).text).toBe(
      '{"media":[{"reviews":[{"id":"r1"}],"pages":3,"__typename":"Book"}]}',
    );
  });

  const required = {
    goods: {
      sdl: `type Query { goods: [Good!] } type Good @key(fields: "id") { id: ID! price(currency: String!): Int parts: Parts } type Parts { price(currency: String!): Int }`,
      resolvers: {
        Query: { goods: () => [{ id: '1' }, { id: '2' }] },
        Good: {
          __resolveReference: (reference: object) => reference,
          price: ({ id }: { id: string }, { currency }: { currency: string }) => Number(id) * (currency === 'USD' ? 10 : 100),
          parts: ({ id }: { id: string }) => ({ id }),
        },
        Parts: { price: ({ id }: { id: string }, { currency }: { currency: string }) => Number(id) * (currency === 'USD' ? 1 : 5) },
      },
    },
    shipping: {
      sdl: `type Good @key(fields: "id") { id: ID! price(currency: String!): Int @external parts: Parts @external
        inDollars: Int @requires(fields: "price(currency: \\"USD\\")") inEuros: Int @requires(fields: "price(currency: \\"EUR\\") parts { price(currency: \\"EUR\\") }") partsInDollars: Int @requires(fields: "parts { price(currency: \\"USD\\") }") }
        type Parts @external { price(currency: String!): Int }`,
      resolvers: {
        Good: {
          __resolveReference: (reference: object) => reference,
          inDollars: ({ price }: { price: number }) => price,
          inEuros: ({ price, parts }: { price: number; parts: { price: number } }) => price + parts.price,
          partsInDollars: ({ parts }: { parts: { price: number } }) => parts.price,
        },
      },
    },
  };

  it('a field that a subgraph requires with arguments is kept apart from what the client asks of it', async () => {
    const graph = await smallGraph(required);
    const { text } = await graph.run('query($c: String!) { goods { price(currency: $c) inDollars x: price(currency: "USD") } }', {
      c: 'EUR',
    });
    expect(text).toBe('{"goods":[{"price":100,"inDollars":10,"x":10},{"price":200,"inDollars":20,"x":20}]}');
  });

  it('two fields that require the same field with different arguments both get their own', async () => {
    const graph = await smallGraph(required);
    const { text } = await graph.run('{ goods { inDollars inEuros partsInDollars } }');
    expect(text).toBe('{"goods":[{"inDollars":10,"inEuros":105,"partsInDollars":1},{"inDollars":20,"inEuros":210,"partsInDollars":2}]}');
  });

  it('an error of such a field has the key of the client in its path', async () => {
    const graph = await smallGraph({
      ...required,
      goods: {
        ...required.goods,
        resolvers: {
          ...required.goods.resolvers,
          Good: {
            ...required.goods.resolvers.Good,
            price: () => {
              throw new Error('no price');
            },
          },
        },
      },
    });
    expect((await graph.run('{ goods { price(currency: "EUR") } }')).errors).toEqual([
      { message: 'no price', path: ['goods', 0, 'price'] },
      { message: 'no price', path: ['goods', 1, 'price'] },
    ]);
  });
});
