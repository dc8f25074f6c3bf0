import { beforeEach, describe, expect, it } from '@jest/globals';
import { type SmallGraph, smallGraph } from '../../test/small-graph.ts';

interface Good {
  readonly id: string;
  readonly weight: number;
  readonly code: number;
  readonly size: { readonly width: number; readonly height: number };
  readonly owner: { readonly name: string; readonly age: number };
  readonly parts: readonly { readonly mass: number }[];
}

const TYPES = `type Size @shareable { width: Int height: Int } interface Owner { name: String }
  type Person implements Owner @shareable { name: String age: Int } type Firm implements Owner @shareable { name: String vat: String }`;
const good = {
  ...{ __typename: 'Good', id: '1', weight: 3, code: 7, size: { width: 1, height: 2 } },
  ...{ owner: { __typename: 'Person', name: 'P', age: 40 }, parts: [{ id: 'p', mass: 5 }, null] },
};
const crate = { __typename: 'Crate', id: '2', weight: 9 };
const reference = { __resolveReference: (given: object) => given };

const goods = {
  sdl: `type Query { good: Good things: [Thing] } union Thing = Good | Crate type Crate @key(fields: "id") { id: ID! weight: Int } ${TYPES}
    type Good @key(fields: "id") { id: ID! weight: Int code: Int size: Size owner: Owner parts: [Part] } type Part @key(fields: "id") { id: ID! mass: Int }`,
  resolvers: { Query: { good: () => good, things: () => [good, crate, { ...good, id: '3' }] } },
};
const shop = {
  sdl: `type Good @key(fields: "id") { id: ID! weight: Int @external code: Int @external size: Size @external owner: Owner @external parts: [Part] @external
      shelf: Int @requires(fields: "weight") both: Int @requires(fields: "weight code") wide: Int @requires(fields: "size { width }") box: Int @requires(fields: "size { width height }")
      named: String @requires(fields: "owner { name }") aged: Int @requires(fields: "owner { ... on Person { age } }") massive: Int @requires(fields: "parts { mass }") note: String }
    type Crate @key(fields: "id") { id: ID! weight: Int @external shelf: Int @requires(fields: "weight") note: String } type Part @key(fields: "id") { id: ID! mass: Int @external } ${TYPES}`,
  resolvers: {
    Good: {
      ...reference,
      shelf: ({ weight }: Good) => weight * 10,
      both: ({ weight, code }: Good) => weight + code,
      wide: ({ size }: Good) => size.width,
      box: ({ size }: Good) => size.width * size.height,
      named: ({ owner }: Good) => owner.name,
      aged: ({ owner }: Good) => owner.age,
      massive: ({ parts }: Good) => parts.reduce((sum, each) => sum + (each?.mass ?? 0), 0),
      note: ({ id }: Good) => `note ${id}`,
    },
    Crate: { ...reference, shelf: ({ weight }: Good) => weight, note: () => 'crate' },
  },
};
const audit = {
  sdl: 'type Good @key(fields: "id") { id: ID! shelf: Int @external rank: Int @requires(fields: "shelf") remark: String }',
  resolvers: { Good: { ...reference, rank: ({ shelf }: { shelf: number }) => shelf + 1, remark: () => 'r' } },
};

describe('a condition that leaves out what a field requires', () => {
  let graph: SmallGraph;
  beforeEach(async () => {
    graph = await smallGraph({ goods, shop, audit });
  });
  const references = (service: string) =>
    graph.sent.filter((each) => each.service === service).flatMap(({ variables }) => variables.representations);

  it.each<[string, string, Record<string, boolean>, unknown]>([
    ['leaves out that field alone', '{ good { shelf @include(if: $x) note } }', { x: false }, { note: 'note 1' }],
    ['leaves out nothing where it holds', '{ good { shelf @include(if: $x) note } }', { x: true }, { shelf: 30, note: 'note 1' }],
    [
      'stands by each field for itself',
      '{ good { shelf @include(if: $x) wide @skip(if: $y) note } }',
      { x: false, y: false },
      { wide: 1, note: 'note 1' },
    ],
    [
      'leaves what another field requires too',
      '{ good { shelf @include(if: $x) both @include(if: $y) note } }',
      { x: false, y: true },
      { both: 10, note: 'note 1' },
    ],
    ['leaves the part of an object that another field requires', '{ good { wide box @skip(if: $x) } }', { x: true }, { wide: 1 }],
    ['leaves a type of an interface', '{ good { named aged @skip(if: $x) } }', { x: true }, { named: 'P' }],
    [
      'may stand by a fragment',
      '{ good { ... @include(if: $x) { shelf ... on Good @skip(if: $y) { massive } } note } }',
      { x: true, y: true },
      { shelf: 30, note: 'note 1' },
    ],
    ['may stand by a list', '{ good { massive @include(if: $x) note } }', { x: false }, { note: 'note 1' }],
    [
      'reaches through a chain',
      '{ good { ... @include(if: $x) { rank remark } note shelf @include(if: $y) } }',
      { x: false, y: false },
      { note: 'note 1' },
    ],
    [
      'reaches through a chain of which a part is asked for',
      '{ good { rank @include(if: $x) remark note shelf } }',
      { x: false },
      { remark: 'r', note: 'note 1', shelf: 30 },
    ],
    [
      'may be written out',
      '{ good { shelf @include(if: false) wide @skip(if: true) note named @include(if: true) } }',
      {},
      { note: 'note 1', named: 'P' },
    ],
    [
      'may be written out inside another',
      '{ good @skip(if: $x) { shelf @include(if: false) note named @include(if: true) code @include(if: $y) } }',
      { x: false, y: false },
      { note: 'note 1', named: 'P' },
    ],
    ['may leave nothing', '{ good { shelf @include(if: false) } }', {}, {}],
  ])('%s', async (_title, query, variables, expected) => {
    const { data, errors } = await graph.run(withVariables(query, variables), variables);
    expect({ data, errors }).toEqual({ data: { good: expected }, errors: [] });
  });

  it('may be written out in a part that the planner asks for under a condition of its own', async () => {
    const query = withVariables('{ good @skip(if: $x) { box @include(if: false) note } things { __typename } }', { x: false });
    const { data } = await graph.run(query, { x: false });
    expect(data).toMatchObject({ good: { note: 'note 1' } });
  });

  it('is told apart by type', async () => {
    const query = '{ things { ... on Good { shelf @include(if: $x) note } ... on Crate { shelf @skip(if: $x) note @include(if: $y) } } }';
    const variables = { x: false, y: false };
    const { data } = await graph.run(withVariables(query, variables), variables);
    expect(data).toEqual({ things: [{ note: 'note 1' }, { shelf: 9 }, { note: 'note 3' }] });
    expect(references('shop')).toEqual([
      { __typename: 'Good', id: '1' },
      { __typename: 'Crate', id: '2', weight: 9 },
      { __typename: 'Good', id: '3' },
    ]);
  });

  it('takes along what the fields need that are asked for, and no more', async () => {
    const query = '{ good { weight size { width height } shelf @include(if: $x) wide box @include(if: $x) } }';
    await graph.run(withVariables(query, { x: false }), { x: false });
    expect(references('shop')).toEqual([{ __typename: 'Good', id: '1', size: { width: 1 } }]);
  });

  it('asks for nothing where nothing is left of the fetch', async () => {
    const query = '{ good { id shelf @include(if: $x) wide @include(if: $y) } }';
    const { data } = await graph.run(withVariables(query, { x: false, y: false }), { x: false, y: false });
    expect(data).toEqual({ good: { id: '1' } });
    expect(graph.sent.map(({ service }) => service)).toEqual(['goods']);
  });

  it('asks for nothing where what is asked for lacks what it requires', async () => {
    const lost = { ...goods, answer: () => '{"data":{"good":{"__typename":"Good","id":"1"}}}' };
    const other = await smallGraph({ goods: lost, shop, audit });
    const query = withVariables('{ good { shelf @include(if: $x) note } }', { x: true });
    expect((await other.run(query, { x: true })).data).toEqual({ good: { shelf: null, note: null } });
    expect((await other.run(query, { x: false })).data).toEqual({ good: { note: 'note 1' } });
    expect(other.sent.map(({ service }) => service)).toEqual(['goods', 'goods', 'shop']);
  });
});

function withVariables(query: string, variables: Record<string, boolean>): string {
  const names = Object.keys(variables).map((name) => `$${name}: Boolean!`);
  return names.length > 0 ? `query(${names.join(' ')}) ${query}` : query;
}
