import type { Logger, Metrics } from '@tessera/service-kit/service';
import type { GraphQLScalarType } from 'graphql';
import type { GatewayConfig } from './config.ts';
import type { Executor } from './execution/executor.ts';
import { createTesseraExecutor } from './execution/tessera-executor.ts';
import { createHydration, type PlanSubscription } from './subscriptions/hydrate.ts';
import { createStockHydration, eventDataSource } from './subscriptions/hydrate-stock.ts';
import { EVENTS_SUBGRAPH, type LoadedSupergraph, loadSupergraph } from './supergraph/load-supergraph.ts';
import { createServedSchema, type ServedSchema, type Warm } from './supergraph/served-schema.ts';
import { observeFetches } from './telemetry/fetches.ts';
import { connectSubgraphs } from './transport/connect.ts';
import { subgraphDataSource } from './transport/data-source.ts';
import { createFetcher, type FetcherParts } from './transport/fetch-subgraph.ts';
import { mergeEntities } from './transport/merge-entities.ts';
import type { SubgraphPlaces, Transport } from './transport/transport.ts';

/** A subgraph of the supergraph that has no URL answers its fields with null and an error. */
export interface GraphOptions extends SubgraphPlaces {
  readonly config: GatewayConfig;
  /** The composed supergraph. */
  readonly supergraphSdl: string;
  /** The content of `schema/access.json`. */
  readonly accessRules: unknown;
  /** The content of `schema/operations/*.json`, by client. */
  readonly manifests?: Readonly<Record<string, unknown>>;
  /** What custom scalars of the supergraph take, by name; default: anything, and the subgraphs say what is wrong. */
  readonly scalars?: readonly GraphQLScalarType[];
}

/** The graph without its way in: subgraphs, what joins them, and what carries out plans over them. */
export interface ServedGraph {
  readonly transports: ReadonlyMap<string, Transport>;
  readonly supergraph: LoadedSupergraph;
  readonly execution: Execution;
  readonly schema: ServedSchema;
  /** Compiles the trusted documents; never rejects. */
  warmUp(): Promise<void>;
}

interface Execution {
  /** Null where the stock executor answers. */
  readonly executor: Executor | null;
  readonly planSubscription: PlanSubscription;
  readonly warm: Warm;
}

export function createGraph(options: GraphOptions, log: Logger, metrics: Metrics): ServedGraph {
  const { config, accessRules, manifests = {} } = options;
  const transports = connectSubgraphs(options, config.identityKey);
  const observe = observeFetches(metrics);
  const dataSource = (name: string) => {
    if (name === EVENTS_SUBGRAPH) return eventDataSource(() => supergraph.planning().schema);
    const transport = transports.get(name);
    if (!transport)
      log.error({ subgraph: name }, 'the supergraph names a subgraph that has no URL here: its fields are answered with null and an error');
    return subgraphDataSource({ name, transport, log, observe });
  };
  const supergraph = loadSupergraph(options.supergraphSdl, dataSource, log, options.scalars);
  const execution = createExecution(config, supergraph, { transports, schema: () => supergraph.planning().schema, observe, log }, metrics);
  const schema = createServedSchema({ accessRules, manifests }, supergraph, execution.warm);
  const warmUp = () =>
    execution
      .warm(supergraph.planning(), schema.trusted().documents)
      .catch((err: unknown) => log.error({ err }, 'a trusted document cannot be answered'));
  return { transports, supergraph, execution, schema, warmUp };
}

/** What carries out plans: ours, or the stock executor as the reference. */
function createExecution(config: GatewayConfig, supergraph: LoadedSupergraph, fetcher: FetcherParts, metrics: Metrics): Execution {
  if (config.executor === 'apollo')
    return { executor: null, planSubscription: createStockHydration(supergraph, fetcher.log), warm: async () => undefined };
  const fetchOne = createFetcher(fetcher);
  const ask = config.collapse ? mergeEntities(fetchOne, fetcher.log, metrics) : fetchOne;
  const formOf = (service: string) => (fetcher.transports.get(service)?.executeText ? 'text' : 'objects');
  const { execute, compile, warm } = createTesseraExecutor({ planning: supergraph.planning, ask, formOf, metrics, log: fetcher.log });
  return { executor: execute, planSubscription: createHydration(compile, ask, fetcher.log), warm };
}
