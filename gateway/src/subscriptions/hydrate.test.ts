import { operationFromDocument } from '@apollo/federation-internals';
import { expect, it } from '@jest/globals';
import { createLogger } from '@tessera/service-kit/service';
import { getOperationAST, parse } from 'graphql';
import { contextOf } from '../../test/context.ts';
import { smallGraph } from '../../test/small-graph.ts';
import { createHydration } from './hydrate.ts';
import { executable, type PreparedSubscription } from './prepare.ts';

const EVENTS = `type Query { none: Int } type Subscription { changed: Change! } type Change { number: Int! order: Order }
  type Order @key(fields: "id", resolvable: false) { id: ID! }`;
const ORDERS = 'type Query { order: Order } type Order @key(fields: "id") { id: ID! state: String! total: Int }';
const DOCUMENT = parse('subscription { changed { number order { id state total } } }');

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
  const { planning, ask } = graph;
  const hydrate = createHydration(() => planning, ask, createLogger({ service: 'gateway', level: 'silent' }));
  const plan = executable(planning.planner.buildQueryPlan(operationFromDocument(planning.apiSchema, DOCUMENT)));
  const prepared = { document: DOCUMENT, operation: getOperationAST(DOCUMENT), plan, variables: {} } as unknown as PreparedSubscription; // all that is read
  const { data, errors = [] } = await hydrate(prepared, contextOf());
  expect(errors.map(({ path }) => path?.join('.'))).toEqual(paths);
  expect(errors.every(({ extensions }) => extensions.code === 'INTERNAL')).toBe(true);
  if (changed) expect(data).toMatchObject({ changed });
  else expect(data).toBeNull();
});
