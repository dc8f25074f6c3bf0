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

  it('an error has the key of the client where the planner asks under another name', async () => {
    const failing = () => Promise.reject(new Error('lost'));
    const graph = await smallGraph({
      a: {
        sdl: 'type Query { any: [Any] } union Any = One | Two type One { id: ID value: Int } type Two @key(fields: "id") { id: ID! value: String! }',
        resolvers: {
          Query: {
            any: () => [
              { __typename: 'One', id: '1' },
              { __typename: 'Two', id: '2' },
            ],
          },
          One: { value: failing },
          Two: { value: failing },
        },
      },
    });
    const { errors } = await graph.run('{ any { ... on One { v: value } ... on Two { v: value } } }');
    expect(graph.sent[0]?.query).toContain('v__alias_0');
    expect(errors.map(({ path }) => path)).toEqual([
      ['any', 0, 'v'],
      ['any', 1, 'v'],
    ]);
  });

  describe('a field that is required in several ways', () => {
    const goods = {
      sdl: `type Query { good: Good any: [Any] } union Any = Good | Parcel
        type Good @key(fields: "id") { id: ID! name: String price(currency: String): Int offers(first: Int): [Offer!] }
        type Offer @key(fields: "id") { id: ID! } type Parcel { price(region: String): Int }`,
      resolvers: {
        Query: {
          good: () => ({ id: '1', name: 'G' }),
          any: () => [
            { __typename: 'Good', id: '1', name: 'G' },
            { __typename: 'Parcel', id: '9' },
          ],
        },
        Good: {
          __resolveReference: (reference: object) => reference,
          price: (_: object, { currency }: { currency?: string }) => ({ USD: 10, EUR: 100 })[currency ?? ''] ?? 1,
          offers: (_: object, { first }: { first: number }) => Array.from({ length: first }, (_each, index) => ({ id: `o${index}` })),
        },
        Parcel: { price: () => 7 },
      },
    };
    const offers = {
      sdl: 'type Offer @key(fields: "id") { id: ID! cut: Int }',
      resolvers: { Offer: { __resolveReference: ({ id }: { id: string }) => ({ cut: Number(id.slice(1)) + 1 }) } },
    };
    const sum = (list: readonly { readonly cut: number }[]) => list.reduce((all, { cut }) => all + cut, 0);
    const shop = {
      sdl: `type Good @key(fields: "id") { id: ID! price(currency: String): Int @external offers(first: Int): [Offer!] @external
        usd(times: Int): Int @requires(fields: "price(currency: \\"USD\\")") eur(times: Int): Int @requires(fields: "price(currency: \\"EUR\\")")
        usual: Int @requires(fields: "price") one: Int @requires(fields: "offers(first: 1) { cut }") three: Int @requires(fields: "offers(first: 3) { cut }") }
        type Offer @key(fields: "id") { id: ID! cut: Int @external }`,
      resolvers: {
        Good: {
          __resolveReference: (reference: object) => reference,
          usd: ({ price }: { price: number }, { times = 1 }: { times?: number }) => price * times,
          eur: ({ price }: { price: number }, { times = 1 }: { times?: number }) => price * times,
          usual: ({ price }: { price: number }) => price,
          one: ({ offers: list }: { offers: { cut: number }[] }) => sum(list),
          three: ({ offers: list }: { offers: { cut: number }[] }) => sum(list),
        },
      },
    };
    const graph = smallGraph({ goods, offers, shop });

    it.each<[string, string, Record<string, unknown>, unknown]>([
      [
        'takes along only the variables of its own fetch',
        'query($x: Int) { good { usd(times: $x) eur } }',
        { x: 2 },
        { good: { usd: 20, eur: 100 } },
      ],
      [
        'is told from a field of the same name of another type',
        '{ any { ... on Good { name usd eur } ... on Parcel { price(region: "x") } } }',
        {},
        { any: [{ name: 'G', usd: 10, eur: 100 }, { price: 7 }] },
      ],
      [
        'does not conflict with itself under a condition',
        'query($x: Boolean!) { good { usd @include(if: $x) eur } }',
        { x: true },
        { good: { usd: 10, eur: 100 } },
      ],
      [
        'is not there where a condition leaves it out',
        'query($x: Boolean!, $y: Boolean!) { good { ... @include(if: $x) { usd } ... @include(if: $y) { eur } } }',
        { x: false, y: true },
        { good: { eur: 100 } },
      ],
      [
        'may be required without arguments too',
        '{ good { usd usual eur price } }',
        {},
        { good: { usd: 10, usual: 1, eur: 100, price: 1 } },
      ],
      ['is asked for below it in every way', '{ good { one three } }', {}, { good: { one: 1, three: 6 } }],
      [
        'keeps out of the way of every name that a client can choose',
        '{ good { tessera_way0_price: name way0_price: name required_0_price: name required__1_price: price(currency: "X") usd eur } }',
        {},
        { good: { tessera_way0_price: 'G', way0_price: 'G', required_0_price: 'G', required__1_price: 1, usd: 10, eur: 100 } },
      ],
      [
        'leaves the names alone of what no subgraph is asked',
        '{ required_0_price: __typename required_1_price: __type(name: "Good") { name } good { usd eur } }',
        {},
        { required_0_price: 'Query', required_1_price: { name: 'Good' }, good: { usd: 10, eur: 100 } },
      ],
    ])('%s', async (_title, query, variables, expected) => {
      const { data, errors } = await (await graph).run(query, variables);
      expect({ data, errors }).toEqual({ data: expected, errors: [] });
    });

    it('has its own name in the path of an error', async () => {
      const failing = { ...goods.resolvers.Good, price: () => Promise.reject(new Error('no price')) };
      const broken = await smallGraph({ goods: { ...goods, resolvers: { ...goods.resolvers, Good: failing } }, offers, shop });
      const { data, errors } = await broken.run('{ good { usd eur } }');
      expect(data).toEqual({ good: { usd: 0, eur: 0 } });
      expect(errors.filter(({ message }) => message === 'no price').map(({ path }) => path)).toEqual([
        ['good', 'price'],
        ['good', 'price'],
      ]);
    });
  });
});
