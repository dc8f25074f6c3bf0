import { composeServices } from '@apollo/composition';
import { operationFromDocument } from '@apollo/federation-internals';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import type { QueryPlan } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { forbidApolloTelemetry } from '../../src/config.ts';
import { readObject, readText } from '../../src/execution/data/read-answer.ts';
import { parseWire, wireJson } from '../../src/execution/data/wire.ts';
import { compilePlanned } from '../../src/execution/operation/compile-operation.ts';
import type { Ask, FetchRequest } from '../../src/execution/plan/run.ts';
import { type Planning, planningFor } from '../../src/supergraph/load-supergraph.ts';
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
  /** Messages alone, sorted. */
  readonly messages: readonly string[];
  /** Errors whose path leads to something that is there. */
  readonly astray: readonly string[];
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
  forbidApolloTelemetry();
  const byName = new Map(subgraphs.map((each) => [each.name, each]));
  const sources: Record<string, GraphQLDataSource> = {};
  const interfaces = new Set([...sdl.matchAll(/^interface (\w+)/gm)].map(([, name]) => name));
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    logger: silent,
    buildService: ({ name }) => {
      sources[name] ??= stockSource(byName.get(name), (type) => interfaces.has(type));
      return sources[name];
    },
  });
  await gateway.load();
  const { queryPlanner: planner } = gateway.__testing();
  if (!planner || !gateway.schema) throw new Error('The supergraph was not loaded.');
  const planning = planningFor(planner, gateway.schema);
  return {
    schema: planning.schema,
    stop: () => gateway.stop(),
    compare: async (generated) => {
      const { document, variables } = generated;
      const operation = document.definitions.find((each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION);
      if (!operation) throw new Error('There is no operation.');
      const plan = planner.buildQueryPlan(operationFromDocument(planning.apiSchema, document));
      const stock = await runStock(generated, operation, plan, planning, sources);
      const compiled = compilePlanned({ document, keyOf: (key) => key, isChanged: false }, operation, plan, planning);
      const text = await compiled.run(variables, askOf(subgraphs, 'text'), null);
      const objects = await compiled.run(variables, askOf(subgraphs, 'objects'), null);
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

/**
 * The stock executor lets the name of an interface, which is all that a subgraph with an interface object knows, replace the type that is known
 * already, and then loses what is selected for that type. Where such a name comes with an entity, its source keeps it back.
 */
function stockSource(subgraph: InventedSubgraph | undefined, isInterface: (name: string) => boolean): GraphQLDataSource {
  return {
    process: async ({ request }) => {
      const answer = (await subgraph?.answer(request.query ?? '', request.variables ?? {})) ?? {};
      const entities = (answer.data as { _entities?: readonly ({ __typename?: string } | null)[] } | null | undefined)?._entities ?? [];
      for (const entity of entities) if (entity?.__typename && isInterface(entity.__typename)) delete entity.__typename;
      return answer as Awaited<ReturnType<GraphQLDataSource['process']>>; // data and errors are all that the executor reads
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
  const request = {
    request: { query, variables },
    context: {},
    metrics: {},
    schema,
    document,
    source: query,
    logger: silent,
  } as unknown as RequestContext; // all that the executor reads
  const { data, errors } = await executeQueryPlan(
    plan,
    sources,
    request,
    { schema, operation, fragments: fragmentsOf(document) },
    supergraphSchema,
    apiSchema,
  );
  return seenOf(data ?? null, errors ?? []);
}

/** The stock executor puts keys of repeated fragments in an order of its own; the specification's is held by a test of the shaper. */
function seenOf(data: unknown, errors: readonly GraphQLError[]): Seen {
  const astray = errors.flatMap(({ path }) => (path && leadsSomewhere(data, path) ? [JSON.stringify(path)] : []));
  return {
    data: JSON.stringify(sorted(data)),
    raw: JSON.stringify(data),
    errors: errorsOf(errors),
    messages: errors.map(messageOf).sort(),
    astray,
  };
}

function leadsSomewhere(data: unknown, path: readonly (string | number)[]): boolean {
  let at = data;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return false;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at !== null;
}

/**
 * The same for a client. One exception: where an entity of a list cannot be asked for, the stock executor counts it all the same, and puts the
 * errors of those behind it at the wrong places. Then the messages must be the same, and every path of ours must lead to something that is missing.
 */
export function difference({ stock, text, objects }: Compared): string | null {
  if (text.raw !== objects.raw || String(text.errors) !== String(objects.errors)) return 'text and objects differ';
  if (text.data !== stock.data) return 'the data differs';
  if (String(text.errors) === String(stock.errors)) return null;
  if (String(text.messages) !== String(stock.messages)) return 'the errors differ';
  return text.astray.length > stock.astray.length ? 'errors are at the wrong place' : null;
}

function fragmentsOf(document: DocumentNode): Record<string, FragmentDefinitionNode> {
  return Object.fromEntries(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
}

/** As a transport asks: in text, through the scanner; or in objects, as a subgraph of this process. */
export function askOf(subgraphs: readonly InventedSubgraph[], form: 'text' | 'objects'): Ask {
  const byName = new Map(subgraphs.map((each) => [each.name, each]));
  return async ({ fetch, variables }: FetchRequest) => {
    const subgraph = byName.get(fetch.service);
    if (!subgraph) throw new Error(`There is no ${fetch.service}.`);
    const body = parseWire(`${fetch.bodyStart}${variables}}}`) as { query: string; variables: Record<string, unknown> };
    const answer = await subgraph.answer(body.query, body.variables);
    return form === 'text' ? readText(wireJson(answer), fetch.reader) : readObject(answer, fetch.reader);
  };
}

/** The stock executor leaves parts of the plan in the path of an error that is about no single entity: cut off, as ours does. */
function errorsOf(errors: readonly GraphQLError[]): string[] {
  return errors.map(({ path, message }) => `${JSON.stringify(path ? untilPlan(path) : null)} ${messageOf({ message })}`).sort();
}

/** Subgraphs quote the name of an operation, which ours sends without the planner's number. */
function messageOf({ message }: { readonly message: string }): string {
  return message.replace(/(\w+)__\d+"/g, '$1"');
}

function untilPlan(path: readonly (string | number)[]): readonly (string | number)[] {
  const end = path.findIndex((part) => part === '@' || part === '_entities');
  return end === -1 ? path : path.slice(0, end);
}
