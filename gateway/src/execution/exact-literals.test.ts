import { beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { type SmallGraph, smallGraph } from '../../test/small-graph.ts';
import { compileOperation } from './operation/compile-operation.ts';

const BIG = '12345678901234567890';
const things = {
  sdl: `scalar Big enum Colour { RED BLUE } input Size { big: Big id: ID colour: Colour } input Where { in: [Where] id: ID } type Query { thing: Thing find(where: Where): String say(big: Big, size: Size, list: [Big], float: Float, literal1: Int, colour: Colour): String }
    type Thing @key(fields: "id") { id: ID! }`,
  resolvers: { Query: { thing: () => ({ id: '1' }), say: () => 'said', find: () => 'found' } },
};
const prices = {
  sdl: 'scalar Big input Where { in: [Where] id: ID } type Thing @key(fields: "id") { id: ID! price(big: Big): String near(where: Where): String }',
  resolvers: { Thing: { __resolveReference: (given: object) => given, price: () => 'price', near: () => 'near' } },
};

describe('a literal of a custom scalar reaches the subgraph as it was written', () => {
  let graph: SmallGraph;
  beforeEach(async () => {
    graph = await smallGraph({ things, prices });
  });
  const asked = async (query: string, variables: Record<string, unknown> = {}) => {
    expect((await graph.run(query, variables)).errors).toEqual([]);
    return graph.sent.at(-1);
  };

  it.each([
    ['a number of many digits', `{say(big:${BIG})}`],
    ['a fraction', '{say(big:1.10)}'],
    ['within an object, where names are no strings either', `{say(big:{a:[-${BIG} 1 0.0000001]b:RED c:"s" d:null e:true})}`],
    ['within an input', `{say(size:{big:${BIG} id:${BIG} colour:RED})}`],
    ['within a list', `{say(list:[1 ${BIG}])}`],
    ['in the place of a list', `{say(list:${BIG})}`],
    ['under two keys', `{say(big:${BIG})b:say(big:-${BIG})c:say(size:{big:${BIG}})}`],
  ])('%s', async (_what, query) => {
    expect(await asked(query)).toEqual({ service: 'things', query, variables: {} });
  });

  const nested = (levels: number, innermost: string): string => (levels === 0 ? innermost : `{in:${nested(levels - 1, innermost)}}`);

  it('MUST be so of what is nested, whatever stands in it: the planner looks twice at each list, and takes an object in the place of a list for one', async () => {
    const where = nested(6, '{in:[{}{id:$id}]}');
    const query = `query($id:ID){a:find(where:${where})b:find(where:${where})}`;
    expect(await asked(query, { id: '7' })).toEqual({ service: 'things', query, variables: { id: '7' } });
    const planned: string[] = [];
    const { planner } = graph.planning;
    const buildQueryPlan: typeof planner.buildQueryPlan = (operation) => {
      planned.push(String(operation));
      return planner.buildQueryPlan(operation);
    };
    compileOperation(parse(query), undefined, { ...graph.planning, planner: { buildQueryPlan } as typeof planner }); // all that is asked of it
    expect(planned.map((each) => each.includes('in:'))).toEqual([false]);
  });

  it('in a fetch of entities, nested and with a variable that stands nowhere else', async () => {
    const fetch = await asked('query($n: Int $id: ID) { thing { near(where: {in: {in: {in: {id: $id}}}}) } }', { id: '2', n: 1 });
    expect(fetch?.query).toContain('near(where:{in:{in:{in:{id:$id}}}})');
    expect(fetch?.variables).toEqual({ id: '2', representations: [{ __typename: 'Thing', id: '1' }] });
  });

  it('beside a variable', async () => {
    const query = `query($big:Big$literal0:Int){say(big:{a:${BIG} b:$big}literal1:$literal0)}`;
    expect(await asked(query, { big: 1, literal0: 2 })).toEqual({ service: 'things', query, variables: { big: 1, literal0: 2 } });
  });

  it('as the default of a variable', async () => {
    expect((await asked(`query($big:Big={a:${BIG}}){say(big:$big)}`))?.query).toBe(`query($big:Big={a:${BIG}}){say(big:$big)}`);
  });

  it.each([
    ['of the same name and type', '$x:Colour=RED', '$x:Colour=BLUE', 'say(colour:$x)', 'say(colour:$x)'],
    ['of the same name and another type', `$x:Big=${BIG}`, '$x:Colour=BLUE', 'say(big:$x)', 'say(colour:$x)'],
  ])('not as another operation of the document writes a variable %s', async (_what, variables, ofAnother, field, another) => {
    const document = parse(`query A(${variables}){${field}}query B(${ofAnother}){${another}}`);
    expect((await compileOperation(document, 'A', graph.planning).run({}, graph.ask, null)).errors).toEqual([]);
    expect(graph.sent.at(-1)?.query).toBe(`query A__things(${variables}){${field}}`);
  });

  it('in a fetch of entities, written twice', async () => {
    const fetch = await asked(
      `query($is: Boolean!) { thing { price(big: ${BIG}) ...More @include(if: $is) } } fragment More on Thing { price(big: ${BIG}) }`,
      { is: true },
    );
    expect(fetch?.query).toContain(`price(big:${BIG})`);
    expect(fetch?.variables).toEqual({ is: true, representations: [{ __typename: 'Thing', id: '1' }] });
  });
});
