import { describe, expect, it } from '@jest/globals';
import { createLogger } from '@tessera/service-kit/service';
import { parse } from 'graphql';
import { contextOf } from '../../test/context.ts';
import { type SmallGraph, smallGraph } from '../../test/small-graph.ts';
import type { ExecutorResult } from '../execution/executor.ts';
import { compileOperation } from '../execution/operation/compile-operation.ts';
import { operationIn } from '../execution/operation/one-operation.ts';
import { createHydration } from './hydrate.ts';

const EVENTS = `type Query { none: Int } type Subscription { changed: Change! } type Change { number: Int! order: Order }
  type Order @key(fields: "id", resolvable: false) { id: ID! }`;
const ORDERS = 'type Query { order: Order } type Order @key(fields: "id") { id: ID! state: String! total: Int }';
const LOG = createLogger({ service: 'gateway', level: 'silent' });

/** The answer to one event, whatever it is: the events subgraph of the small graph makes it up. */
function hydrated({ ask, planning }: SmallGraph, query: string, variables: Record<string, unknown> = {}): Promise<ExecutorResult> {
  const document = parse(query);
  const hydration = createHydration((current, asked) => compileOperation(asked, undefined, current), ask, LOG);
  return hydration({ query, hash: '', document, operation: operationIn(document) }, planning)(variables, contextOf());
}

it.each([
  [
    '{"number":1,"order":{"__typename":"Order","id":"1"}}',
    '{"state":"NEW","total":"x"}',
    ['changed.order.total'],
    { order: { state: 'NEW' } },
  ],
  ['{"number":1,"order":{"__typename":"Order","id":"1"}}', '{"state":null,"total":1}', ['changed.order.state'], { order: null }],
  ['{"number":"1","order":null}', '{}', ['changed.number'], null],
  ['{"number":1,"order":{"__typename":"Order","id":"1"}}', 'null', [], { order: null }],
])('an event %s with the order %s tells what is lost at %j', async (event, order, paths, changed) => {
  const graph = await smallGraph({
    events: { sdl: EVENTS, answer: () => `{"data":{"changed":${event}}}` },
    orders: { sdl: ORDERS, answer: () => `{"data":{"_entities":[${order}]}}` },
  });
  const { data, errors = [] } = await hydrated(graph, 'subscription { changed { number order { id state total } } }');
  expect(errors.map(({ path }) => path?.join('.'))).toEqual(paths);
  expect(errors.every(({ extensions }) => extensions.code === 'INTERNAL')).toBe(true);
  if (changed) expect(data).toMatchObject({ changed });
  else expect(data).toBeNull();
});

describe('is planned as a query is', () => {
  const events = {
    sdl: `type Query { none: Int } type Subscription { changed(big: Big): Change! } scalar Big type Change { number: Int! good: Good }
      type Good @key(fields: "id", resolvable: false) { id: ID! }`,
    answer: () => '{"data":{"changed":{"number":1,"good":{"__typename":"Good","id":"1"}}}}',
  };
  const goods = {
    sdl: 'scalar Big enum Colour { RED } type Good @key(fields: "id") { id: ID! price(currency: String): Int state(big: Big): String times(by: Int): Int weight: Int }',
    resolvers: {
      Good: {
        __resolveReference: (reference: object) => reference,
        price: (_: object, { currency }: { currency?: string }) => ({ USD: 10, EUR: 100 })[currency ?? ''] ?? 1,
        state: () => 'NEW',
        times: (_: object, { by }: { by: number }) => by,
        weight: () => 3,
      },
    },
  };
  const shop = {
    sdl: `type Good @key(fields: "id") { id: ID! price(currency: String): Int @external weight: Int @external usd: Int @requires(fields: "price(currency: \\"USD\\")")
      eur: Int @requires(fields: "price(currency: \\"EUR\\")") shelf: Int @requires(fields: "weight") }`,
    resolvers: {
      Good: {
        __resolveReference: (reference: object) => reference,
        usd: ({ price }: { price: number }) => price,
        eur: ({ price }: { price: number }) => price,
        shelf: ({ weight }: { weight: number }) => weight * 10,
      },
    },
  };
  const graph = smallGraph({ events, goods, shop });

  it.each<[string, string, Record<string, unknown>, unknown]>([
    [
      'references beside a variable of their name',
      'subscription($representations: Int) { changed { good { times(by: $representations) } } }',
      { representations: 2 },
      { times: 2 },
    ],
    [
      'what a client asks of a field that is required with arguments',
      'subscription { changed { good { price(currency: "EUR") usd } } }',
      {},
      { price: 100, usd: 10 },
    ],
    ['what is required in two ways', 'subscription { changed { good { usd eur } } }', {}, { usd: 10, eur: 100 }],
  ])('%s', async (_what, query, variables, good) => {
    const { data, errors = [] } = await hydrated(await graph, query, variables);
    expect({ data, errors }).toEqual({ data: { changed: { good } }, errors: [] });
  });

  it('without what a condition leaves out that no variable decides', async () => {
    const { sent } = await graph;
    const query = 'subscription($x: Boolean!) { changed { good @include(if: $x) { shelf @include(if: false) usd } } }';
    const { data } = await hydrated(await graph, query, { x: true });
    expect(data).toEqual({ changed: { good: { usd: 10 } } });
    expect(sent.filter((each) => each.query.includes('shelf'))).toEqual([]);
  });

  it.each(['12345678901234567890', 'RED'])('%s stays as it was written, for the event and for an entity', async (literal) => {
    const { sent } = await graph;
    const { errors = [] } = await hydrated(await graph, `subscription { changed(big: ${literal}) { good { state(big: ${literal}) } } }`);
    expect(errors).toEqual([]);
    expect(sent.slice(-2).map(({ query }) => query)).toEqual([
      expect.stringContaining(`changed(big:${literal})`),
      expect.stringContaining(`state(big:${literal})`),
    ]);
  });
});
