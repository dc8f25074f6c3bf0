import { composeServices } from '@apollo/composition';
import { operationFromDocument } from '@apollo/federation-internals';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import type { QueryPlan } from '@apollo/query-planner';
import { type DocumentNode, type FragmentDefinitionNode, type GraphQLError, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
import { readObject, readText } from '../../src/execution/data/read-answer.ts';
import { parseWire, wireJson } from '../../src/execution/data/wire.ts';
import { compilePlanned } from '../../src/execution/operation/compile-operation.ts';
import type { Ask, FetchRequest } from '../../src/execution/plan/run.ts';
import type { Planning } from '../../src/supergraph/load-supergraph.ts';
import type { GeneratedOperation } from './generate-operation.ts';
import { type InventedSubgraph, sorted } from './invented-subgraph.ts';

type RequestContext = Parameters<typeof executeQueryPlan>[2];

/** What a client would see of an answer: data as JSON text with its keys sorted, and where errors are. */
export interface Seen {
  readonly data: string;
  /** As it came. */
  readonly raw: string;
  /** Path and message of each, sorted. */
  readonly errors: readonly string[];
}

export interface Compared {
  readonly stock: Seen;
  readonly text: Seen;
  readonly objects: Seen;
  readonly plan: QueryPlan;
}

export interface Bench {
  readonly schema: GraphQLSchema;
  compare(operation: GeneratedOperation): Promise<Compared>;
  stop(): Promise<void>;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Composes, loads the stock gateway over the subgraphs, and runs operations through its executor and ours, by the same plan. */
export async function createBench(subgraphs: readonly InventedSubgraph[], sdl = compose(subgraphs)): Promise<Bench> {
  process.env.APOLLO_TELEMETRY_DISABLED = '1';
  const byName = new Map(subgraphs.map((each) => [each.name, each]));
  const sources: Record<string, GraphQLDataSource> = {};
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    logger: silent,
    buildService: ({ name }) => {
      sources[name] ??= stockSource(byName.get(name));
      return sources[name];
    },
  });
  await gateway.load();
  const { queryPlanner: planner } = gateway.__testing();
  if (!planner || !gateway.schema) throw new Error('The supergraph was not loaded.');
  const planning: Planning = {
    planner,
    schema: gateway.schema,
    apiSchema: planner.supergraph.apiSchema(),
    supergraphSchema: planner.supergraph.schema.toGraphQLJSSchema(),
  };
  return {
    schema: planning.schema,
    stop: () => gateway.stop(),
    compare: async (generated) => {
      const { document, variables } = generated;
      const operation = document.definitions.find((each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION);
      if (!operation) throw new Error('There is no operation.');
      const plan = planner.buildQueryPlan(operationFromDocument(planning.apiSchema, document));
      const stock = await runStock(generated, operation, plan, planning, sources);
      const compiled = compilePlanned(document, operation, plan, planning);
      const text = await compiled.run(variables, askOf(byName, 'text'), null);
      const objects = await compiled.run(variables, askOf(byName, 'objects'), null);
      const seen = ({ data, errors }: typeof text) => seenOf(data === null ? null : parseWire(data), errors);
      return { stock, text: seen(text), objects: seen(objects), plan };
    },
  };
}

export function compose(subgraphs: readonly InventedSubgraph[]): string {
  const { supergraphSdl, errors } = composeServices(subgraphs.map(({ name, typeDefs }) => ({ name, url: `http://${name}`, typeDefs })));
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}

function stockSource(subgraph: InventedSubgraph | undefined): GraphQLDataSource {
  return {
    process: async ({ request }) => {
      const answer = await subgraph?.answer(request.query ?? '', request.variables ?? {});
      return (answer ?? {}) as Awaited<ReturnType<GraphQLDataSource['process']>>; // data and errors are all that the executor reads
    },
  };
}

async function runStock(
  { query, document, variables }: GeneratedOperation,
  operation: OperationDefinitionNode,
  plan: QueryPlan,
  { schema, apiSchema, supergraphSchema }: Planning,
  sources: Record<string, GraphQLDataSource>,
): Promise<Seen> {
  const request = { request: { query, variables }, context: {}, metrics: {}, schema, document, source: query, logger: silent } as unknown as RequestContext; // all that the executor reads
  const { data, errors } = await executeQueryPlan(plan, sources, request, { schema, operation, fragments: fragmentsOf(document) }, supergraphSchema, apiSchema);
  return seenOf(data ?? null, errors ?? []);
}

/** The stock executor puts keys of repeated fragments in an order of its own; the specification's is held by a test of the shaper. */
function seenOf(data: unknown, errors: readonly GraphQLError[]): Seen {
  return { data: JSON.stringify(sorted(data)), raw: JSON.stringify(data), errors: errorsOf(errors) };
}

function fragmentsOf(document: DocumentNode): Record<string, FragmentDefinitionNode> {
  return Object.fromEntries(document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])));
}

/** As a transport asks: in text, through the scanner; or in objects, as a subgraph of this process. */
function askOf(subgraphs: ReadonlyMap<string, InventedSubgraph>, form: 'text' | 'objects'): Ask {
  return async ({ fetch, variables }: FetchRequest) => {
    const subgraph = subgraphs.get(fetch.service);
    if (!subgraph) throw new Error(`There is no ${fetch.service}.`);
    const body = parseWire(`${fetch.bodyStart}${variables}}}`) as { query: string; variables: Record<string, unknown> };
    const answer = await subgraph.answer(body.query, body.variables);
    return form === 'text' ? readText(wireJson(answer), fetch.reader) : readObject(answer, fetch.reader.selection);
  };
}

function errorsOf(errors: readonly GraphQLError[]): string[] {
  return errors.map(({ path, message }) => `${JSON.stringify(path ?? null)} ${message}`).sort();
}
