import { describe, expect, it } from '@jest/globals';
import { smallGraph } from '../../test/small-graph.ts';
import type { Ask } from './plan/run.ts';

interface Reference {
  readonly id: string;
}

const SHOP = `type Query { orders: [Order!]! twice: [Order!]! }
  type Order { id: ID! lines: [Line!] first: Line }
  type Line @key(fields: "id") { id: ID! good: Good note: String rows: [[Good]] }
  type Good @key(fields: "id") { id: ID! }`;
const STOCK =
  'type Good @key(fields: "id") { id: ID! price: Int maker: Maker } type Maker { name: String address: Address } type Address { city: String }';

/** Lines that hold equal goods, and orders that hold equal lines. */
const line = (id: number, good: number) => ({
  __typename: 'Line',
  id: `l${id}`,
  good: { __typename: 'Good', id: `g${good}` },
  note: `n${id}`,
  rows: [],
});
const ORDERS = [
  { id: 'o1', lines: [line(1, 1), line(2, 1)], first: line(1, 1) },
  { id: 'o2', lines: [line(1, 1), line(2, 1)], first: line(1, 1) },
  { id: 'o3', lines: [line(1, 1), line(3, 2), line(1, 1)], first: null },
  { id: 'o4', lines: [line(1, 1), line(3, 2), line(1, 1)], first: line(3, 2) },
];

const graphOf = (stock: Record<string, (parent: never, args: never) => unknown> = {}) =>
  smallGraph({
    shop: { sdl: SHOP, resolvers: { Query: { orders: () => ORDERS } } },
    stock: {
      sdl: STOCK,
      resolvers: {
        Good: {
          __resolveReference: ({ id }: Reference) => ({ id, price: Number(id.slice(1)), maker: { name: 'M', address: { city: 'C' } } }),
          ...stock,
        },
      },
    },
  });

const good = (id: number) => ({ id: `g${id}`, price: id, maker: { name: 'M', address: { city: 'C' } } });
const full = (id: number, of: number) => ({ note: `n${id}`, good: good(of) });

describe('parts of an answer with the same text', () => {
  it('are the same at every position, in lists, alone, and in equal lists', async () => {
    const graph = await graphOf();
    const { data } = await graph.run(
      '{ orders { id lines { note good { id price maker { name address { city } } } } first { note good { id price maker { name address { city } } } } } }',
    );
    const lines = [full(1, 1), full(3, 2), full(1, 1)];
    expect(data).toEqual({
      orders: [
        { id: 'o1', lines: [full(1, 1), full(2, 1)], first: full(1, 1) },
        { id: 'o2', lines: [full(1, 1), full(2, 1)], first: full(1, 1) },
        { id: 'o3', lines, first: null },
        { id: 'o4', lines, first: full(3, 2) },
      ],
    });
    expect(graph.sent.filter(({ service }) => service === 'stock').map(({ variables }) => variables.representations)).toEqual([
      [
        { __typename: 'Good', id: 'g1' },
        { __typename: 'Good', id: 'g2' },
      ],
    ]);
  });

  it('have the errors of each of their positions', async () => {
    const graph = await graphOf({
      price: ({ id }: Reference) => {
        if (id === 'g2') throw new Error('lost');
        return 1;
      },
    });
    const { errors } = await graph.run('{ orders { lines { good { price } } } }');
    expect(errors.map(({ path }) => path)).toEqual([
      ['orders', 2, 'lines', 1, 'good', 'price'],
      ['orders', 3, 'lines', 1, 'good', 'price'],
    ]);
  });

  it('stay apart where a second fetch brings something to each position', async () => {
    const graph = await smallGraph({
      a: {
        sdl: 'type Query { rooms: [Room!] } type Room @key(fields: "id") { id: ID! seats: [Seat] @shareable } type Seat @shareable { row: Row } type Row @shareable { number: Int }',
        resolvers: { Query: { rooms: () => ['1', '2', '3'].map((id) => ({ id, seats: [{ row: { number: 7 } }] })) } },
      },
      b: {
        sdl: 'type Room @key(fields: "id") { id: ID! seats: [Seat] @shareable owner: String } type Seat @shareable { row: Row label: String } type Row @shareable { number: Int of: String }',
        resolvers: {
          Room: { __resolveReference: ({ id }: Reference) => ({ id, seats: [{ label: `s${id}`, row: { number: 7, of: `r${id}` } }] }) },
        },
      },
    });
    expect((await graph.run('{ rooms { id seats { label row { number of } } } }')).data).toEqual({
      rooms: ['1', '2', '3'].map((id) => ({ id, seats: [{ label: `s${id}`, row: { number: 7, of: `r${id}` } }] })),
    });
  });

  it('stay apart where fetches of two places share their answer', async () => {
    const sdl = `type Query { left: [Box] right: [Box] } type Box @key(fields: "id") { id: ID! }`;
    const thing =
      'type Box @key(fields: "id") { id: ID! thing: Thing } type Thing @key(fields: "id") { id: ID! deep: Deep } type Deep { word: String }';
    const priced = 'type Thing @key(fields: "id") { id: ID! price(in: String!): String }';
    const graph = await smallGraph({
      a: { sdl, resolvers: { Query: { left: () => [{ id: '1' }], right: () => [{ id: '2' }] } } },
      b: { sdl: thing, resolvers: { Box: { __resolveReference: () => ({ thing: { id: 't', deep: { word: 'w' } } }) } } },
      c: {
        sdl: priced,
        resolvers: { Thing: { __resolveReference: (reference: object) => reference, price: (_: object, args: { in: string }) => args.in } },
      },
    });
    const { data } = await graph.run(
      '{ left { thing { deep { word } price(in: "EUR") } } right { thing { deep { word } price(in: "USD") } } }',
    );
    expect(data).toEqual({
      left: [{ thing: { deep: { word: 'w' }, price: 'EUR' } }],
      right: [{ thing: { deep: { word: 'w' }, price: 'USD' } }],
    });
    expect(graph.sent.filter(({ service }) => service === 'b')).toHaveLength(1);
  });

  it.each(['an answer without it', 'no answer'])('are as they came for a fetch that takes them late, also with %s', async (lack) => {
    const graph = await smallGraph({
      a: {
        sdl: 'type Query { x: X y: Y } type X @key(fields: "id") { id: ID! } type Y @key(fields: "id") { id: ID! }',
        resolvers: { Query: { x: () => ({ id: '1' }), y: () => ({ id: '1' }) } },
      },
      b: {
        sdl: 'type X @key(fields: "id") { id: ID! n: N } type N @key(fields: "id") { id: ID! }',
        resolvers: { X: { __resolveReference: () => ({ n: { id: '9' } }) } },
      },
      c: {
        sdl: 'type Y @key(fields: "id") { id: ID! x: X } type X @key(fields: "id", resolvable: false) { id: ID! }',
        resolvers: { Y: { __resolveReference: () => ({ x: { id: '1' } }) } },
      },
      d: {
        sdl: 'type N @key(fields: "id") { id: ID! price(currency: String): Int }',
        answer: (query) => {
          if (query.includes('USD')) return '{"data":{"_entities":[{"price":100}]}}';
          const data = lack === 'no answer' ? 'null' : '{"_entities":[null]}';
          return `{"data":${data},"errors":[{"message":"no euros","path":["_entities",0,"price"]}]}`;
        },
      },
    });
    const hasPrice = Promise.withResolvers<void>();
    const ask: Ask = async (request, context) => {
      if (request.fetch.service === 'c') await hasPrice.promise;
      const answer = await graph.ask(request, context);
      if (request.fetch.service === 'd') setImmediate(hasPrice.resolve);
      return answer;
    };
    const query = '{ x { n { price(currency: "USD") } } y { x { n { price(currency: "EUR") } } } }';
    const { data, errors } = await graph.compile(query).run({}, ask, null);
    expect(data).toBe('{"x":{"n":{"price":100}},"y":{"x":{"n":{"price":null}}}}');
    expect(errors.map(({ path }) => path)).toEqual([['y', 'x', 'n', 'price']]);
    expect(graph.sent.filter(({ service }) => service === 'b')).toHaveLength(1);
  });

  it('are told from parts that begin or end alike', async () => {
    const texts = [
      '{"row":{"a":"x"},"b":"}"}',
      '{"row":{"a":"x"},"b":"}}"}',
      '{"row":{"a":"x"},"b":"}"}',
      '{"row":{"a":"x"},"b":null}',
      '{"row":null,"b":"}"}',
    ];
    const graph = await smallGraph({
      a: {
        sdl: 'type Query { things: [Thing] } type Thing { row: Row b: String } type Row { a: String }',
        answer: () => `{"data":{"things":[${[...texts, ...texts].join(',')}]}}`,
      },
    });
    const { text } = await graph.run('{ things { row { a } b } }');
    expect(text).toBe(`{"things":[${[...texts, ...texts].join(',')}]}`);
  });
});
