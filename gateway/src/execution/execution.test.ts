import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TesseraError } from '@tessera/service-kit/errors';
import { createLogger, createMetrics } from '@tessera/service-kit/service';
import { getOperationAST, parse } from 'graphql';
import { contextOf } from '../../test/context.ts';
import { type SmallGraph, smallGraph } from '../../test/small-graph.ts';
import { compilePlanned } from './operation/compile-operation.ts';
import type { ExecutablePlan } from './plan/plan-nodes.ts';
import { createTesseraExecutor } from './tessera-executor.ts';

const LOG = createLogger({ service: 'gateway', level: 'silent' });

const people = [
  { id: '1', name: 'Ann', friends: ['2', '2', '3'] },
  { id: '2', name: 'Bob', friends: ['1'] },
  { id: '3', name: 'Cy', friends: [] },
];
const person = (id: string) => people.find((each) => each.id === id) ?? null;

const SUBGRAPHS = {
  people: {
    sdl: `type Query { people: [Person!]! person(id: ID!): Person strict: Strict! maybe: Strict }
      type Person @key(fields: "id") { id: ID! name: String! friends: [Person] } type Strict { must: Person! list: [Person!] }
      type Mutation { rename(id: ID!, name: String!): Person! }`,
    resolvers: {
      Query: {
        people: () => people,
        person: (_: never, { id }: { id: string }) => person(id),
        strict: () => ({}),
        maybe: () => ({ list: [people[0], null] }),
      },
      Mutation: { rename: (_: never, { id }: { id: string }) => person(id) },
      Person: {
        __resolveReference: ({ id }: { id: string }) => person(id),
        friends: ({ friends }: { friends: string[] }) => friends.map((id) => person(id)),
      },
    },
  },
  scores: {
    sdl: 'type Person @key(fields: "id") { id: ID! score: Int mood: String! }',
    resolvers: {
      Person: {
        __resolveReference: ({ id }: { id: string }) => (id === '3' ? null : { id }),
        score: ({ id }: { id: string }) => {
          if (id === '2') throw new Error('no score');
          return Number(id) * 10;
        },
        mood: ({ id }: { id: string }) => {
          if (id === '2') throw new Error('no mood');
          return 'fine';
        },
      },
    },
  },
};

describe('the compiled executor', () => {
  let graph: SmallGraph;
  beforeAll(async () => {
    graph = await smallGraph(SUBGRAPHS);
  });
  beforeEach(() => {
    graph.sent.length = 0;
  });

  it('asks for an entity once, however often it appears', async () => {
    const { data } = await graph.run('{ people { friends { id score } } }');
    expect(data).toEqual({
      people: [
        {
          friends: [
            { id: '2', score: null },
            { id: '2', score: null },
            { id: '3', score: null },
          ],
        },
        { friends: [{ id: '1', score: 10 }] },
        { friends: [] },
      ],
    });
    expect(graph.sent[1]?.variables).toEqual({
      representations: [
        { __typename: 'Person', id: '2' },
        { __typename: 'Person', id: '3' },
        { __typename: 'Person', id: '1' },
      ],
    });
  });

  it('tells an error of an entity at every position of it', async () => {
    const { errors } = await graph.run('{ people { friends { score } } }');
    expect(errors).toEqual([
      { message: 'no score', path: ['people', 0, 'friends', 0, 'score'] },
      { message: 'no score', path: ['people', 0, 'friends', 1, 'score'] },
    ]);
  });

  it('spreads null to the nearest value that may be null', async () => {
    const { data, errors } = await graph.run('{ people { id friends { id mood } } person(id: "2") { mood } }');
    expect(data).toEqual({
      people: [
        { id: '1', friends: [null, null, null] },
        { id: '2', friends: [{ id: '1', mood: 'fine' }] },
        { id: '3', friends: [] },
      ],
      person: null,
    });
    expect(errors.map(({ path }) => path)).toContainEqual(['person', 'mood']);
  });

  it('answers null where null spreads to the root, or a list must not hold null', async () => {
    expect((await graph.run('{ strict { must { id } } }')).data).toBeNull();
    expect((await graph.run('{ maybe { list { id } } }')).data).toEqual({ maybe: { list: null } });
  });

  it('keeps keys in the order of the specification', async () => {
    const { text } = await graph.run('{ person(id: "1") { name ...A id } } fragment A on Person { score name ... on Person { id } }');
    expect(text).toBe('{"person":{"name":"Ann","score":10,"id":"1"}}');
  });

  it('evaluates conditions with their defaults, on fields, fragments and in the plan', async () => {
    const query = `query($a: Boolean! = true, $b: Boolean!) { person(id: "1") { id @skip(if: $a) ... on Person @include(if: $b) { score } name @include(if: true) @skip(if: false) } }`;
    expect((await graph.run(query, { b: false })).text).toBe('{"person":{"name":"Ann"}}');
    expect(graph.sent).toHaveLength(1);
    expect((await graph.run(query, { a: false, b: true })).text).toBe('{"person":{"id":"1","score":10,"name":"Ann"}}');
  });

  it('answers questions about the schema beside those about data', async () => {
    const { data } = await graph.run(
      'query($t: String!) { x: __type(name: $t) { ...T } __typename person(id: "1") { __typename k: __typename } } fragment T on __Type { name kind }',
      { t: 'Person' },
    );
    expect(data).toEqual({ x: { name: 'Person', kind: 'OBJECT' }, __typename: 'Query', person: { __typename: 'Person', k: 'Person' } });
  });

  it('takes names of the machinery of objects as aliases, keys and variables', async () => {
    const query = `query($constructor: ID!, $__proto__: ID!) { __proto__: person(id: $constructor) { constructor: score toString: id __proto__: name } constructor: person(id: $__proto__) { __proto__: friends { hasOwnProperty: id } } }`;
    const { text } = await graph.run(query, JSON.parse('{"constructor":"1","__proto__":"2"}'));
    expect(text).toBe(
      '{"__proto__":{"constructor":10,"toString":"1","__proto__":"Ann"},"constructor":{"__proto__":[{"hasOwnProperty":"1"}]}}',
    );
    expect(({} as { name?: string }).name).toBeUndefined();
  });

  it('asks anew after a mutation, and leaves out variables that were not given', async () => {
    await graph.run(
      'mutation($n: String!, $unused: String) { a: rename(id: "1", name: $n) { score } b: rename(id: "1", name: $n) { score } }',
      { n: 'x' },
    );
    expect(graph.sent.filter(({ service }) => service === 'scores')).toHaveLength(2);
    expect(graph.sent[0]?.variables).toEqual({ n: 'x' });
  });

  it('gives the same bytes for answers that came as text and as objects', async () => {
    const objects = await smallGraph(SUBGRAPHS, { form: 'objects' });
    for (const query of ['{ people { name friends { score mood } } }', '{ person(id: "1") { score name } strict { must { id } } }'])
      expect(await objects.run(query)).toEqual(await graph.run(query));
  });

  it.each([
    ['deferred parts', { kind: 'Defer', primary: {}, deferred: [] }],
    [
      'arguments from context',
      {
        kind: 'Fetch',
        serviceName: 'people',
        operation: '{ people { id } }',
        contextRewrites: [{ kind: 'KeyRenamer', path: ['a'], renameKeyTo: 'b' }],
      },
    ],
  ])('refuses a plan with %s', (_title, node) => {
    const { document, operation } = parsed('{ people { id } }');
    const plan = { kind: 'QueryPlan', node } as unknown as ExecutablePlan;
    expect(() => compilePlanned({ document, operation, plan, keyOf: (key) => key, pathKeyOf: null }, graph.planning)).toThrow(TesseraError);
  });

  it.each(['skip', 'include'])('refuses null for a condition in @%s that has a default, before anything is fetched', async (directive) => {
    const { planning, ask } = graph;
    const { execute } = createTesseraExecutor({
      planning: () => planning,
      ask,
      formOf: () => 'text',
      metrics: createMetrics('gateway'),
      log: LOG,
    });
    const query = `mutation($v: Boolean = true) { rename(id: "1", name: "x") { ...F } } fragment F on Person { id name @${directive}(if: $v) }`;
    const { document, operation } = parsed(query);
    const run = (variables: Record<string, unknown>) =>
      execute({ document, operation, queryHash: query, request: { variables }, context: contextOf() });
    expect(await run({ v: null })).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(graph.sent).toEqual([]);
    expect((await run({})).errors).toBeUndefined();
  });

  it('takes along a variable that has the name of ours for references', async () => {
    const scores = {
      sdl: 'type Person @key(fields: "id") { id: ID! scoreIn(unit: String): String }',
      resolvers: { Person: { scoreIn: (_: never, { unit }: { unit: string }) => `10 ${unit}` } },
    };
    const withUnits = await smallGraph({ people: SUBGRAPHS.people, scores });
    const query =
      'query($representations: String, $representations_: ID!) { person(id: $representations_) { scoreIn(unit: $representations) } }';
    const { data, errors } = await withUnits.run(query, { representations: 'points', representations_: '1' });
    expect([data, errors]).toEqual([{ person: { scoreIn: '10 points' } }, []]);
    const condition = 'query($representations: Boolean = true) { person(id: "1") { id @include(if: $representations) } }';
    expect(withUnits.compile(condition).neverNull).toEqual(['representations']);
  });

  it('MUST take no value for a variable that the client has not declared: nobody has checked it, nor who may ask what it lets in', async () => {
    const query = 'query($representations: Boolean = false) { person(id: "1") { id name @include(if: $representations) } }';
    const undeclared = { representations_: true };
    expect((await graph.run(query, undeclared)).data).toEqual({ person: { id: '1' } });
    expect((await graph.run(query, { ...undeclared, representations: true })).data).toEqual({ person: { id: '1', name: 'Ann' } });
    const schemaQuery = 'query($representations: String = "Person") { __type(name: $representations) { name } }';
    expect((await graph.run(schemaQuery, { representations_: 'Query' })).data).toEqual({ __type: { name: 'Person' } });
    const id = 'query($representations: ID = "1") { person(id: $representations) { id } }';
    expect((await graph.run(id, { representations_: '2' })).data).toEqual({ person: { id: '1' } });
  });

  it('answers about the schema what the conditions around a field let through', async () => {
    const query =
      'query($n: Boolean!) { ...@include(if: $n) { ...Name } ...@skip(if: $n) { __type(name: "Int") { kind } } } fragment Name on Query { __type(name: "Int") { name } }';
    expect((await graph.run(query, { n: true })).data).toEqual({ __type: { name: 'Int' } });
    expect((await graph.run(query, { n: false })).data).toEqual({ __type: { kind: 'SCALAR' } });
  });

  describe('refuses what would take too long to plan', () => {
    const shared = (name: string) => ({
      sdl: `type Query { thing: Thing @shareable } type Thing @key(fields: "id") { id: ID! ${name}: String s: String @shareable }`,
    });
    const boundedGraph = () => smallGraph({ a: shared('a'), b: shared('b'), c: shared('c'), d: shared('d') }, { pathsLimit: 1 });

    it('and says so', async () => {
      const bounded = await boundedGraph();
      expect(() => bounded.compile('{ thing { a b c d s } }')).toThrow('ask for less at once');
    });

    it('and does not search twice, also after a thousand others', async () => {
      const { planning, ask } = await boundedGraph();
      let searches = 0;
      const buildQueryPlan: typeof planning.planner.buildQueryPlan = (...args) => {
        searches += 1;
        return planning.planner.buildQueryPlan(...args);
      };
      const counted = { ...planning, planner: { buildQueryPlan } as typeof planning.planner }; // all that is asked of it
      const { execute } = createTesseraExecutor({
        planning: () => counted,
        ask,
        formOf: () => 'text',
        metrics: createMetrics('gateway'),
        log: LOG,
      });
      const refuse = async (key: string) => {
        const { document, operation } = parsed(`{ ${key}: thing { a b c d s } }`);
        const { errors } = await execute({ document, operation, queryHash: key, request: {}, context: contextOf() });
        expect(errors?.[0]?.message).toContain('ask for less at once');
      };
      for (let index = 0; index < 1_000; index += 1) await refuse(`thing${index}`);
      await refuse('last');
      await refuse('last');
      expect(searches).toBe(1_001);
    });
  });
});

function parsed(query: string) {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('There is no operation.');
  return { document, operation };
}
