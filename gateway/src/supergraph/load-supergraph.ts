import type { Schema } from '@apollo/federation-internals';
import { ApolloGateway, type GatewayConfig, type GraphQLDataSource } from '@apollo/gateway';
import type { QueryPlanner } from '@apollo/query-planner';
import { InvariantViolation } from '@tessera/service-kit/errors';
import type { Logger } from '@tessera/service-kit/service';
import type { GraphQLScalarType, GraphQLSchema } from 'graphql';
import { checkScalars } from './checked-scalars.ts';
import { type RequiredWithArguments, requiredWithArguments } from './required-arguments.ts';
import { resolvableKeysFirst } from './resolvable-keys-first.ts';

/** The subgraph that has a schema and no server: its events come from the streams. */
export const EVENTS_SUBGRAPH = 'events';

export interface LoadedSupergraph {
  /** Not yet loaded: Apollo Server does that at its start. */
  readonly gateway: ApolloGateway;
  readonly dataSources: Readonly<Record<string, GraphQLDataSource>>;
  /** What operations are planned and executed with; throws before the server has started. */
  planning(): Planning;
  /**
   * Puts another supergraph in the place of this one, under load: `prepare` gets its planner before anybody else does, and what it resolves to is
   * called in the same moment in which the new one is served. Where that is no supergraph, or `prepare` fails, it rejects, and everything stays as
   * it was. Operations under way end with what they began with.
   */
  replace(supergraphSdl: string, prepare: (next: Planning) => Promise<() => void>): Promise<void>;
}

export interface Planning {
  readonly planner: QueryPlanner;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly apiSchema: Schema;
  /** With everything that composition added. */
  readonly supergraphSchema: GraphQLSchema;
  readonly requiredWithArguments: RequiredWithArguments;
}

export type DataSourceFactory = (name: string) => GraphQLDataSource;

/** Composed ahead and given as text: nothing is asked of a subgraph at the start, so any of them may be down. */
export function loadSupergraph(
  supergraphSdl: string,
  createDataSource: DataSourceFactory,
  log: Logger,
  scalars: readonly GraphQLScalarType[] = [],
): LoadedSupergraph {
  const dataSources: Record<string, GraphQLDataSource> = Object.create(null); // keyed by names from the supergraph
  let update: ((sdl: string) => void) | null = null;
  const config: GatewayConfig = {
    supergraphSdl: async (options) => {
      update = options.update;
      return { supergraphSdl: resolvableKeysFirst(supergraphSdl) };
    },
    logger: apolloLogger(log),
    queryPlannerConfig: PLANNER_BOUNDS,
    buildService: ({ name }) => {
      dataSources[name] ??= createDataSource(name);
      return dataSources[name];
    },
    // The plan of an operation says how we are built: never on request, whatever the environment says.
    __exposeQueryPlanExperimental: false,
  };
  const gateway = checkingGateway(config, scalars);
  let known: Planning | null = null;
  return {
    gateway,
    dataSources,
    planning: () => {
      known ??= planningOf(gateway);
      return known;
    },
    replace: async (nextSdl, prepare) => {
      if (!update) throw new InvariantViolation('The supergraph is not loaded yet.');
      const sdl = resolvableKeysFirst(nextSdl);
      const next = await planningOfText(sdl, log, scalars);
      const commit = await prepare(next);
      update(sdl);
      known = next;
      commit();
    },
  };
}

/**
 * Planning is synchronous: while it searches, nobody else is served. So it stops where one selection can be reached in too many ways. Our own graph
 * needs fewer than ten at once; just below the bound a search takes about a second, at ten times as many it took five.
 */
export const MAX_WAYS = 2_000;
const PLANNER_BOUNDS = { debug: { maxEvaluatedPlans: 10_000, pathsLimit: MAX_WAYS } };

/** Each schema of it checks our scalars before anybody else sees it: listeners are called in the order in which they came. */
function checkingGateway(config: GatewayConfig, scalars: readonly GraphQLScalarType[]): ApolloGateway {
  const gateway = new ApolloGateway(config);
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => checkScalars(apiSchema, scalars));
  return gateway;
}

/** By a gateway that nobody asks anything: a text that it does not take never reaches the one that works. */
async function planningOfText(supergraphSdl: string, log: Logger, scalars: readonly GraphQLScalarType[]): Promise<Planning> {
  const config: GatewayConfig = {
    supergraphSdl,
    logger: apolloLogger(log),
    queryPlannerConfig: PLANNER_BOUNDS,
    buildService: () => ({ process: async () => ({ data: null }) }),
  };
  const gateway = checkingGateway(config, scalars);
  await gateway.load();
  const planning = planningOf(gateway);
  await gateway.stop();
  return planning;
}

/** The stock gateway shows its planner only to tests; version and presence are held by supergraph.test.ts. */
function planningOf(gateway: ApolloGateway): Planning {
  const { queryPlanner } = gateway.__testing();
  const { schema } = gateway;
  if (!queryPlanner || !schema) throw new InvariantViolation('The supergraph is not loaded yet.');
  return planningFor(queryPlanner, schema);
}

/** Everything that is derived from a planner once. */
export function planningFor(planner: QueryPlanner, schema: GraphQLSchema): Planning {
  const { supergraph } = planner;
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  return {
    planner,
    schema,
    apiSchema: supergraph.apiSchema(),
    supergraphSchema,
    requiredWithArguments: requiredWithArguments(supergraphSchema),
  };
}

/** Apollo's logger takes a text, ours facts and a text. */
export function apolloLogger(log: Logger) {
  return {
    debug: (message: unknown) => log.debug({}, String(message)),
    info: (message: unknown) => log.debug({}, String(message)),
    warn: (message: unknown) => log.warn({}, String(message)),
    error: (message: unknown) => log.error({}, String(message)),
  };
}
