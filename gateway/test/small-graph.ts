import { composeServices } from '@apollo/composition';
import { ApolloGateway } from '@apollo/gateway';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, execute, parse, validate } from 'graphql';
import { forbidApolloTelemetry } from '../src/config.ts';
import { readObject, readText } from '../src/execution/data/read-answer.ts';
import { parseWire, toWire, wireJson } from '../src/execution/data/wire.ts';
import { type CompiledOperation, compileOperation, type OperationResult } from '../src/execution/operation/compile-operation.ts';
import type { Ask } from '../src/execution/plan/run.ts';
import { type Planning, planningFor } from '../src/supergraph/load-supergraph.ts';

type Resolver = (parent: never, args: never) => unknown;

export interface SmallSubgraph {
  readonly sdl: string;
  readonly resolvers?: Readonly<Record<string, Readonly<Record<string, Resolver>>>>;
  /** In the place of executing anything: the text of the whole answer. */
  readonly answer?: (query: string, variables: Record<string, unknown>) => string | undefined;
}

export interface SentFetch {
  readonly service: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface SmallGraph {
  readonly planning: Planning;
  readonly sent: SentFetch[];
  readonly ask: Ask;
  compile(query: string): CompiledOperation;
  run(query: string, variables?: Record<string, unknown>): Promise<{ data: unknown; text: string | null; errors: Seen[] }>;
}

interface Seen {
  readonly message: string;
  readonly path: readonly (string | number)[] | undefined;
}

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@interfaceObject", "@inaccessible"])\n';

/** A supergraph of a few lines, executed by the compiled executor alone; answers travel as text unless `form` says otherwise. */
export async function smallGraph(
  subgraphs: Readonly<Record<string, SmallSubgraph>>,
  { form = 'text', pathsLimit = null }: { readonly form?: 'text' | 'objects'; readonly pathsLimit?: number | null } = {},
): Promise<SmallGraph> {
  const planning = await planningOf(subgraphs, pathsLimit);
  const schemas = new Map(
    Object.entries(subgraphs).map(([name, { sdl, resolvers = {} }]) => [
      name,
      buildSubgraphSchema({ typeDefs: parse(LINK + sdl), resolvers: resolvers as never }),
    ]),
  );
  const sent: SentFetch[] = [];
  const ask: Ask = async ({ fetch, variables }) => {
    const body = parseWire(`${fetch.bodyStart}${variables}}}`) as { query: string; variables: Record<string, unknown> };
    sent.push({ service: fetch.service, ...body });
    const given = subgraphs[fetch.service]?.answer?.(body.query, body.variables);
    if (given !== undefined) return form === 'text' ? readText(toWire(given), fetch.reader) : readObject(JSON.parse(given), fetch.reader);
    const schema = schemas.get(fetch.service);
    if (!schema) throw new Error(`There is no ${fetch.service}.`);
    const document = parse(body.query);
    const mistakes = validate(schema, document);
    const result = mistakes.length > 0 ? { errors: mistakes } : await execute({ schema, document, variableValues: body.variables });
    const answer: unknown = JSON.parse(JSON.stringify(result));
    return form === 'text' ? readText(wireJson(answer), fetch.reader) : readObject(answer, fetch.reader);
  };
  const compile = (query: string) => compileOperation(parse(query), undefined, planning);
  return { planning, sent, ask, compile, run: async (query, variables = {}) => seen(await compile(query).run(variables, ask, null)) };
}

function seen({ data, errors }: OperationResult) {
  return { data: data === null ? null : parseWire(data), text: data, errors: errors.map(({ message, path }) => ({ message, path })) };
}

async function planningOf(subgraphs: Readonly<Record<string, SmallSubgraph>>, pathsLimit: number | null): Promise<Planning> {
  forbidApolloTelemetry();
  const services = Object.entries(subgraphs).map(([name, { sdl }]) => ({
    name,
    url: `http://${name}`,
    typeDefs: parse(LINK + sdl) as DocumentNode,
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  const gateway = new ApolloGateway({ supergraphSdl, logger: silent, queryPlannerConfig: { debug: { pathsLimit } } });
  await gateway.load();
  const { queryPlanner } = gateway.__testing();
  if (!queryPlanner || !gateway.schema) throw new Error('The supergraph was not loaded.');
  const planning = planningFor(queryPlanner, gateway.schema);
  await gateway.stop();
  return planning;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
