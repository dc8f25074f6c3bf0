import { composeServices } from '@apollo/composition';
import { operationFromDocument } from '@apollo/federation-internals';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import type { PlanNode, QueryPlan, QueryPlanner } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { forbidApolloTelemetry } from '../../src/config.ts';
import { parseWire } from '../../src/execution/data/wire.ts';
import { compileOperation } from '../../src/execution/operation/compile-operation.ts';
import { childrenOf } from '../../src/execution/plan/plan-nodes.ts';
import type { Ask } from '../../src/execution/plan/run.ts';
import { type Planning, planningFor } from '../../src/supergraph/load-supergraph.ts';
import type { GeneratedOperation } from './generate-operation.ts';
import type { InventedSubgraph } from './invented-subgraph.ts';
import { resolveConditions, withoutNothing } from './resolve-conditions.ts';
import { type Seen, type StockSeen, seenOf, stockSeenOf } from './seen.ts';
import { askOf } from './ways-of-asking.ts';

type RequestContext = Parameters<typeof executeQueryPlan>[2];

/** The same by the stock executor and by ours. */
export interface Compared {
  readonly stock: StockSeen;
  readonly ours: Readonly<Record<'text' | 'objects', Seen>>;
  /**
   * The stock executor asks nothing of an entity where a condition leaves out what one of the fields of that fetch requires. So where an entity is
   * asked for under conditions, the right answer is the one to the same operation without them; null where there is no such fetch.
   */
  readonly stockWithoutConditions: (() => Promise<StockSeen>) | null;
  /** Once more by ours. */
  run(ask: Ask, context?: unknown): Promise<Seen>;
}

export interface Bench {
  readonly schema: GraphQLSchema;
  compare(operation: GeneratedOperation): Promise<Compared>;
  stop(): Promise<void>;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Composes, loads a stock gateway over the subgraphs, and runs operations through its executor and, planned and compiled as the gateway does it,
 * through ours. `references` are what the stock executor is asked over, where those are not the same.
 */
export async function createBench(subgraphs: readonly InventedSubgraph[], references = subgraphs): Promise<Bench> {
  const own = await stockGateway(subgraphs);
  const reference = references === subgraphs ? own : await stockGateway(references);
  const asks = { text: askOf(subgraphs, 'text'), objects: askOf(subgraphs, 'objects') };
  const planOf = planOnce(own, reference);
  return {
    schema: own.planning.schema,
    stop: async () => {
      await Promise.all([own, reference].map(({ gateway }) => gateway.stop()));
    },
    compare: async (generated) => {
      const { document, variables } = generated;
      const { compiled, plan } = planOf(document);
      const stockPlan = plan ?? planned(reference, document);
      const stock = await runStock(generated, stockPlan, reference);
      const withoutConditions = () => {
        const resolved = { ...generated, document: resolveConditions(document, variables) };
        return runStock(resolved, planned(reference, resolved.document), reference);
      };
      const run: Compared['run'] = async (ask, context = null) => {
        const { data, errors } = await compiled.run(variables, ask, context);
        return seenOf(data === null ? null : parseWire(data), errors);
      };
      const ours = { text: await run(asks.text), objects: await run(asks.objects) };
      return { stock, ours, stockWithoutConditions: asksEntitiesUnderCondition(stockPlan) ? withoutConditions : null, run };
    },
  };
}

interface StockGateway {
  readonly gateway: ApolloGateway;
  readonly planning: Planning;
  readonly sources: Record<string, GraphQLDataSource>;
  /** What subgraphs said of entities, for the operation under way. */
  readonly entityErrors: Set<string>;
}

async function stockGateway(subgraphs: readonly InventedSubgraph[]): Promise<StockGateway> {
  forbidApolloTelemetry();
  const sdl = compose(subgraphs);
  const byName = new Map(subgraphs.map((each) => [each.name, each]));
  const sources: Record<string, GraphQLDataSource> = {};
  const entityErrors = new Set<string>();
  const interfaces = new Set([...sdl.matchAll(/^interface (\w+)/gm)].map(([, name]) => name));
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    logger: silent,
    buildService: ({ name }) => {
      sources[name] ??= stockSource(byName.get(name), (type) => interfaces.has(type), entityErrors);
      return sources[name];
    },
  });
  await gateway.load();
  const { queryPlanner: planner } = gateway.__testing();
  if (!planner || !gateway.schema) throw new Error('The supergraph was not loaded.');
  return { gateway, planning: planningFor(planner, gateway.schema), sources, entityErrors };
}

function planned({ planning: { planner, apiSchema } }: StockGateway, document: DocumentNode): QueryPlan {
  return planner.buildQueryPlan(operationFromDocument(apiSchema, document));
}

/**
 * Planning is what takes longest: the stock executor gets the plan that ours was compiled from, where that is the plan of the same document, in which
 * nothing stands for a literal.
 */
function planOnce({ planning }: StockGateway, reference: StockGateway) {
  let last: QueryPlan | null = null;
  const planner = Object.create(planning.planner, {
    buildQueryPlan: {
      value: (...given: Parameters<QueryPlanner['buildQueryPlan']>) => {
        const plan = planning.planner.buildQueryPlan(...given);
        last = String(given[0]).includes('$literal') ? null : plan;
        return plan;
      },
    },
  }) as QueryPlanner;
  const watched = { ...planning, planner };
  const isSame = reference.planning === planning && planning.requiredWithArguments.size === 0;
  return (document: DocumentNode) => {
    last = null;
    const compiled = compileOperation(document, undefined, watched);
    return { compiled, plan: isSame ? last : null };
  };
}

function asksEntitiesUnderCondition({ node }: QueryPlan): boolean {
  const inNode = (each: PlanNode): boolean =>
    each.kind === 'Fetch' ? each.requires !== undefined && /@(skip|include)\(/.test(each.operation) : childrenOf(each).some(inNode);
  return node !== undefined && node.kind !== 'Subscription' && inNode(node);
}

export function compose(subgraphs: readonly InventedSubgraph[]): string {
  const { supergraphSdl, errors } = composeServices(subgraphs.map(({ name, typeDefs }) => ({ name, url: `http://${name}`, typeDefs })));
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}

/**
 * The stock executor lets the name of an interface, which is all that a subgraph with an interface object knows, replace the type that is known
 * already, and then loses what is selected for that type. Where such a name comes with an entity, its source keeps it back.
 */
function stockSource(
  subgraph: InventedSubgraph | undefined,
  isInterface: (name: string) => boolean,
  entityErrors: Set<string>,
): GraphQLDataSource {
  return {
    process: async ({ request }) => {
      const answer = (await subgraph?.answer(request.query ?? '', request.variables ?? {})) ?? {};
      const entities = (answer.data as { _entities?: readonly ({ __typename?: string } | null)[] } | null | undefined)?._entities ?? [];
      for (const entity of entities) if (entity?.__typename && isInterface(entity.__typename)) delete entity.__typename;
      for (const { message, path } of (answer.errors ?? []) as readonly GraphQLFormattedError[])
        if (path?.[0] === '_entities') entityErrors.add(message);
      return answer as Awaited<ReturnType<GraphQLDataSource['process']>>; // data and errors are all that the executor reads
    },
  };
}

async function runStock(
  { query, document, variables }: GeneratedOperation,
  plan: QueryPlan,
  { planning: { schema, apiSchema, supergraphSchema }, sources, entityErrors }: StockGateway,
): Promise<StockSeen> {
  const operation = document.definitions.find((each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error('There is no operation.');
  const request = {
    request: { query, variables },
    context: {},
    metrics: {},
    schema,
    document,
    source: query,
    logger: silent,
  } as unknown as RequestContext; // all that the executor reads
  entityErrors.clear();
  const { data, errors, extensions } = await executeQueryPlan(
    plan,
    sources,
    request,
    { schema, operation, fragments: fragmentsOf(document) },
    supergraphSchema,
    apiSchema,
  );
  const { valueCompletion = [] } = (extensions ?? {}) as { readonly valueCompletion?: readonly GraphQLError[] }; // the executor's own
  const losses = valueCompletion.map(({ path }) => path ?? []);
  return stockSeenOf(withoutNothing(data ?? null), errors ?? [], entityErrors, losses);
}

function fragmentsOf(document: DocumentNode): Record<string, FragmentDefinitionNode> {
  return Object.fromEntries(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
}
