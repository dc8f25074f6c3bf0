import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, createMetrics } from '@tessera/service-kit/service';
import { contextOf } from '../../test/context.ts';
import { compose } from '../../test/equality/compare.ts';
import { generateOperation } from '../../test/equality/generate-operation.ts';
import { Random } from '../../test/equality/random.ts';
import { subgraphsOf } from '../../test/equality/supergraphs.ts';
import { askOf } from '../../test/equality/ways-of-asking.ts';
import { type SmallGraph, type SmallSubgraph, smallGraph } from '../../test/small-graph.ts';
import { forbidApolloTelemetry } from '../config.ts';
import type { GatewayContext } from '../execution/context.ts';
import { parseWire } from '../execution/data/wire.ts';
import { compileOperation } from '../execution/operation/compile-operation.ts';
import type { Ask } from '../execution/plan/run.ts';
import { viewerOfToken, viewerOfVisitor } from '../identity/access-token.ts';
import { partitionOf } from '../identity/partition.ts';
import { loadSupergraph } from '../supergraph/load-supergraph.ts';
import { createFetcher } from './fetch-subgraph.ts';
import { mergeEntities } from './merge-entities.ts';
import { SubgraphTimeout, SubgraphUnreachable } from './transport.ts';

const LOG = createLogger({ service: 'gateway', level: 'silent' });
const SEED = 20_261_127;
const ITEMS = 'query A($ids: [ID!]!) { items(ids: $ids) { id name } }';
const OTHER = 'query B($ids: [ID!]!) { again: items(ids: $ids) { name } }';
const DATA = {
  items: [
    { id: '1', name: 'one "1"]}' },
    { id: '2', name: 'two' },
  ],
};

const names: SmallSubgraph['resolvers'] = {
  Item: {
    __resolveReference: (reference: { id: string }) => reference,
    name: ({ id }: { id: string }) => {
      if (id === 'bad') throw new Error('No name.');
      return { 1: 'one "1"]}', 2: 'two' }[id] ?? `n${id}`;
    },
  },
};
const graphOf = (answer?: SmallSubgraph['answer']) =>
  smallGraph({
    items: {
      sdl: 'type Query { items(ids: [ID!]!): [Item] } type Mutation { touch(ids: [ID!]!): [Item] } type Item @key(fields: "id") { id: ID! }',
      resolvers: {
        Query: { items: (_parent: never, { ids }: { ids: string[] }) => ids.map((id) => ({ id })) },
        Mutation: { touch: (_parent: never, { ids }: { ids: string[] }) => ids.map((id) => ({ id })) },
      } as SmallSubgraph['resolvers'] & object,
    },
    names: { sdl: 'type Item @key(fields: "id") { id: ID! name: String }', resolvers: names ?? {}, ...(answer ? { answer } : {}) },
  });

interface Asked {
  readonly query: string;
  readonly ids: readonly string[];
  readonly context?: Partial<GatewayContext>;
}

/** All at once, as requests that are under way at the same time. */
async function together(graph: SmallGraph, asked: readonly Asked[], slow: Ask = graph.ask) {
  const ask = mergeEntities(slow, LOG, createMetrics('gateway'));
  const running = asked.map(async ({ query, ids, context }) => {
    const own = contextOf({ viewer: VIEWER, ...context });
    partitionOf(own.viewer).underWay += 1;
    const { data, errors } = await graph.compile(query).run({ ids }, ask, own);
    partitionOf(own.viewer).underWay -= 1;
    return {
      data: data === null ? null : parseWire(data),
      errors: errors.map(({ path, extensions }) => ({ path, code: extensions.code })),
    };
  });
  const answers = await Promise.all(running);
  return { answers, fetches: graph.sent.filter(({ service }) => service === 'names').map(({ variables }) => variables.representations) };
}

const VIEWER = viewerOfVisitor('vis_1', '127.0.0.1');
const representations = (...ids: readonly string[]) => ids.map((id) => ({ __typename: 'Item', id }));

describe('entities that several queries want at once', () => {
  it('are asked for as one, equal ones once, whatever the operations are called', async () => {
    const { answers, fetches } = await together(await graphOf(), [
      { query: ITEMS, ids: ['1', '2'] },
      { query: OTHER, ids: ['2', '3'] },
    ]);
    expect(fetches).toEqual([representations('1', '2', '3')]);
    expect(answers).toEqual([
      { data: DATA, errors: [] },
      { data: { again: [{ name: 'two' }, { name: 'n3' }] }, errors: [] },
    ]);
  });

  it('bring errors to those alone who asked for them, at their places', async () => {
    const { answers, fetches } = await together(await graphOf(), [
      { query: ITEMS, ids: ['1', '2'] },
      { query: ITEMS, ids: ['3', '2', 'bad'] },
    ]);
    expect(fetches).toHaveLength(1);
    expect(answers[0]).toEqual({ data: DATA, errors: [] });
    expect(answers[1]).toMatchObject({ data: { items: [{ name: 'n3' }, { name: 'two' }, { name: null }] } });
    expect(answers[1]?.errors.map(({ path }) => path)).toEqual([['items', 2, 'name']]);
  });

  it.each<[string, number, Partial<GatewayContext>]>([
    ['another principal', 2, { viewer: viewerOfVisitor('vis_2', '127.0.0.1') }],
    ['another address', 2, { viewer: viewerOfVisitor('vis_1', '127.0.0.2') }],
    ['a user instead of a visitor', 2, { viewer: userWith([]) }],
    ['what must have been seen', 2, { seen: 'token' }],
    ['mutations', 3, { isQuestion: false }],
  ])('MUST NOT be asked for together with %s', async (_title, expected, context) => {
    const { answers, fetches } = await together(await graphOf(), [
      { query: ITEMS, ids: ['1', '2'] },
      { query: ITEMS, ids: ['1', '2'] },
      { query: ITEMS, ids: ['1', '2'], context },
      { query: ITEMS, ids: ['1', '2'], context },
    ]);
    expect(fetches).toHaveLength(expected);
    expect(answers.map(({ data }) => data)).toEqual([DATA, DATA, DATA, DATA]);
  });

  it('MUST NOT be asked for together with the same user under other scopes or another session', async () => {
    const asked = [userWith([]), userWith(['orders:read']), userWith([], 'ses_2')].map((viewer) => ({
      query: ITEMS,
      ids: ['1'],
      context: { viewer },
    }));
    const { fetches } = await together(await graphOf(), [...asked, ...asked]);
    expect(fetches).toHaveLength(3);
  });

  it('are asked for one by one after a fault of what was asked together', async () => {
    const answer: SmallSubgraph['answer'] = (_query, variables) =>
      (variables.representations as unknown[]).length > 2 ? '{"data":{"_entities":[null]}}' : undefined;
    const { answers, fetches } = await together(await graphOf(answer), [
      { query: ITEMS, ids: ['1', '2'] },
      { query: ITEMS, ids: ['3'] },
    ]);
    expect(fetches).toHaveLength(3);
    expect(answers).toEqual([
      { data: DATA, errors: [] },
      { data: { items: [{ id: '3', name: 'n3' }] }, errors: [] },
    ]);
  });

  it.each(['TIMEOUT', 'SERVICE_UNAVAILABLE'])('are asked for one by one where the subgraph itself says %s', async (code) => {
    const answer: SmallSubgraph['answer'] = (_query, variables) =>
      (variables.representations as unknown[]).length > 2
        ? `{"data":null,"errors":[{"message":"m","path":["_entities",0],"extensions":{"code":"${code}"}}]}`
        : undefined;
    const { answers, fetches } = await together(await graphOf(answer), [
      { query: ITEMS, ids: ['1', '2'] },
      { query: ITEMS, ids: ['3'] },
    ]);
    expect(fetches).toHaveLength(3);
    expect(answers[1]).toEqual({ data: { items: [{ id: '3', name: 'n3' }] }, errors: [] });
  });

  it.each([
    ['TIMEOUT', new SubgraphTimeout('late'), 1],
    ['SERVICE_UNAVAILABLE', new SubgraphUnreachable('gone'), 1],
    ['INTERNAL', new SyntaxError('not JSON'), 3],
  ])('are asked for one by one where the answer was of no use, not where there was none: %s', async (code, fault, asked) => {
    const graph = await graphOf();
    let count = 0;
    const ask = createFetcher({
      transports: new Map(),
      schema: () => graph.planning.schema,
      observe: () => () => undefined,
      log: LOG,
    });
    const slow: Ask = async (request, context) => {
      if (!request.entities) return graph.ask(request, context);
      count += 1;
      return request.entities.representations.length > 2 ? { ...(await ask(request, context)), fault } : graph.ask(request, context);
    };
    const { answers } = await together(
      graph,
      [
        { query: ITEMS, ids: ['1', '2'] },
        { query: ITEMS, ids: ['3'] },
      ],
      slow,
    );
    expect(count).toBe(asked);
    const errorAt = (...places: number[]) => (asked > 1 ? [] : places.map((place) => ({ path: ['items', place], code })));
    expect(answers.map(({ errors }) => errors)).toEqual([errorAt(0, 1), errorAt(0)]);
  });

  it.each([99, 0.5, -1])('bring an error that is about none of them to all: %p', async (place) => {
    const names = (count: number) => Array.from({ length: count }, () => '{"name":"n"}').join(',');
    const answer: SmallSubgraph['answer'] = (_query, variables) =>
      `{"data":{"_entities":[${names((variables.representations as unknown[]).length)}]},"errors":[{"message":"m","path":["_entities",${place},"name"]}]}`;
    const { answers, fetches } = await together(await graphOf(answer), [
      { query: ITEMS, ids: ['1', '2'] },
      { query: ITEMS, ids: ['3'] },
    ]);
    expect(fetches).toHaveLength(1);
    expect(answers.map(({ errors }) => errors.map(({ path }) => path))).toEqual([[['items']], [['items']]]);
  });

  it('do not keep a query beyond its own time', async () => {
    const graph = await graphOf();
    const slow: Ask = async (request, context) => {
      if (request.entities) await sleep(1_500);
      return graph.ask(request, context);
    };
    const hurried = { query: ITEMS, ids: ['3'], context: { deadlineAt: Date.now() + 200 } };
    const { answers, fetches } = await together(graph, [{ query: ITEMS, ids: ['1', '2'] }, hurried], slow);
    expect(fetches).toHaveLength(1);
    expect(answers[0]).toEqual({ data: DATA, errors: [] });
    expect(answers[1]?.errors).toEqual([{ path: ['items', 0], code: 'TIMEOUT' }]);
  });

  it('are asked for at once where only one query is under way', async () => {
    const { fetches } = await together(await graphOf(), [{ query: ITEMS, ids: ['1'] }]);
    expect(fetches).toEqual([representations('1')]);
  });
});

function userWith(scopes: readonly 'orders:read'[], sessionId = 'ses_1') {
  const token = { userId: 'usr_1', sessionId, roles: [], scopes: new Set(scopes), expiresAtMs: 0 };
  return viewerOfToken(token, '127.0.0.1');
}

describe.each(['our own graph', 'requires chains', 'unions and interfaces'])('over %s', (name) => {
  const subgraphs = subgraphsOf(name);
  let supergraph: ReturnType<typeof loadSupergraph>;
  beforeAll(async () => {
    forbidApolloTelemetry();
    supergraph = loadSupergraph(compose(subgraphs), () => ({ process: async () => ({ data: null }) }), LOG);
    await supergraph.gateway.load();
  });

  it('generated queries at once MUST get the answers that they get alone', async () => {
    const planning = supergraph.planning();
    let fetches = 0;
    const alone = askOf(subgraphs, 'text');
    const counted: Ask = (request, context) => {
      fetches += 1;
      return alone(request, context);
    };
    const saved = { alone: 0, together: 0 };
    for (let round = 0; round < 12; round += 1) {
      const operations = Array.from({ length: 6 }, (_, index) =>
        generateOperation(planning.schema, new Random(SEED + round * 10 + (index % 3))),
      );
      const compiled = operations
        .filter(({ query }) => !query.startsWith('mutation'))
        .map(({ document, variables }) => ({
          operation: compileOperation(document, undefined, planning),
          variables,
        }));
      fetches = 0;
      const expected = await Promise.all(compiled.map(({ operation, variables }) => operation.run(variables, counted, contextOf())));
      saved.alone += fetches;
      fetches = 0;
      const ask = mergeEntities(counted, LOG, createMetrics('gateway'));
      const viewer = viewerOfVisitor('vis_1', '127.0.0.1');
      partitionOf(viewer).underWay = compiled.length;
      const answers = await Promise.all(compiled.map(({ operation, variables }) => operation.run(variables, ask, contextOf({ viewer }))));
      saved.together += fetches;
      expect(answers.map(seen)).toEqual(expected.map(seen));
    }
    expect(saved.together).toBeLessThan(saved.alone);
  });
});

function seen({ data, errors }: Awaited<ReturnType<ReturnType<typeof compileOperation>['run']>>) {
  return { data, errors: errors.map(({ message, path }) => `${JSON.stringify(path)} ${message}`).sort() };
}
