import { describe, expect, it } from '@jest/globals';
import { createLogger, createMetrics } from '@tessera/service-kit/service';
import { contextOf } from '../../test/context.ts';
import { type SmallGraph, smallGraph } from '../../test/small-graph.ts';
import type { AccessRules } from '../access/rules.ts';
import { createTesseraExecutor } from '../execution/tessera-executor.ts';
import { createAdmission } from '../limits/admit.ts';
import { createOperationPolicy } from '../operations/policy.ts';
import type { Planning } from '../supergraph/load-supergraph.ts';
import { createHydration } from './hydrate.ts';
import { createPreparation, InvalidSubscription, type OfferedSubscription } from './prepare.ts';

const LOG = createLogger({ service: 'gateway', level: 'silent' });
const NO_MANIFESTS = { has: () => false, textOf: () => undefined, documents: [] };
const SHARED = (name: string) => ({ sdl: `type Thing @key(fields: "id") { id: ID! ${name}: String s: String @shareable }` });
const EVENTS = `type Query { none: Int } type Subscription { changed(size: Int, list: [Int]): Change! } type Change { number: Int thing: Thing }
  type Thing @key(fields: "id", resolvable: false) { id: ID! }`;

describe('preparing a subscription', () => {
  const bounded = smallGraph({ events: { sdl: EVENTS }, a: SHARED('a'), b: SHARED('b'), c: SHARED('c') }, { pathsLimit: 1 });
  const preparation = ({ ask }: SmallGraph, planning: Planning, rules: AccessRules = new Map()) => {
    const policy = createOperationPolicy({ everybody: 'open', clients: new Map() }, () => NO_MANIFESTS, LOG, createMetrics('gateway'));
    const { compile } = createTesseraExecutor({
      ...{ planning: () => planning, ask, formOf: () => 'text', log: LOG },
      metrics: createMetrics('gateway'),
    });
    const parts = {
      policy,
      admission: createAdmission(),
      planning: () => planning,
      rules: () => rules,
      plan: createHydration(compile, ask, LOG),
    };
    const prepare = createPreparation(parts);
    return (offered: OfferedSubscription) => prepare(offered, contextOf().viewer, null);
  };

  it.each(['skip', 'include'])('refuses null for a condition in @%s that has a default', async (directive) => {
    const graph = await bounded;
    const prepare = preparation(graph, graph.planning);
    const query = `subscription($x: Boolean = true) { changed { ...F } } fragment F on Change { number @${directive}(if: $x) }`;
    expect(() => prepare({ query, variables: { x: null } })).toThrow(InvalidSubscription);
    expect(() => prepare({ query, variables: { x: null } })).toThrow('Variable "$x" must not be null');
    expect(prepare({ query }).field).toBe('changed');
  });

  it('says of at most so many variables what is wrong with them', async () => {
    const graph = await bounded;
    const query = 'subscription($list: [Int]) { changed(list: $list) { number } }';
    const list = Array.from({ length: 200 }, () => 'x');
    const caught = thrownBy(() => preparation(graph, graph.planning)({ query, variables: { list } }));
    expect(caught instanceof InvalidSubscription && caught.errors.length).toBe(51);
  });

  function counting({ planning }: SmallGraph) {
    const searches = { count: 0 };
    const { planner } = planning;
    const buildQueryPlan: typeof planner.buildQueryPlan = (...given) => {
      searches.count += 1;
      return planner.buildQueryPlan(...given);
    };
    return { searches, planning: { ...planning, planner: { buildQueryPlan } as typeof planner } }; // all that is asked of it
  }

  it('refuses what can be answered in too many ways, and does not search twice', async () => {
    const graph = await bounded;
    const { searches, planning } = counting(graph);
    const prepare = preparation(graph, planning);
    const refused = { code: 'OPERATION_NOT_ALLOWED', message: expect.stringContaining('ask for less at once') };
    const query = 'subscription { changed { thing { a b c s } } }';
    expect(thrownBy(() => prepare({ query }))).toMatchObject(refused);
    expect(thrownBy(() => prepare({ query }))).toMatchObject(refused);
    expect(searches.count).toBe(1);
  });

  it('MUST plan nothing for who may not have it', async () => {
    const graph = await bounded;
    const { searches, planning } = counting(graph);
    const query = 'subscription { changed { thing { a } } }';
    const refuse = preparation(graph, planning, new Map([['Subscription.changed', { kind: 'authenticated' }]]));
    expect(thrownBy(() => refuse({ query }))).toBeInstanceOf(InvalidSubscription);
    expect(searches.count).toBe(0);
    preparation(graph, planning)({ query });
    expect(searches.count).toBe(1);
  });

  it('takes the named operation of a document', async () => {
    const graph = await bounded;
    const prepare = preparation(graph, graph.planning);
    const query =
      'subscription A($n: Int = 1) { changed(size: $n) { number } } subscription B($n: Int = 2) { changed(size: $n) { number } }';
    expect(['A', 'B'].map((operationName) => prepare({ query, operationName }).args)).toEqual([{ size: 1 }, { size: 2 }]);
    expect(thrownBy(() => prepare({ query }))).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}
