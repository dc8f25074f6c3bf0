import type { ApolloServer } from '@apollo/server';
import {
  createHttpService,
  createLogger,
  createMetrics,
  type DrainOptions,
  type HttpService,
  type Logger,
  type Metrics,
} from '@tessera/service-kit/service';
import { forbidApolloTelemetry, type GatewayConfig } from './config.ts';
import type { GatewayContext } from './execution/context.ts';
import { createIdentity } from './identity/identity.ts';
import type { LandingOptions } from './landing/options.ts';
import { landingRoutes } from './landing/routes.ts';
import { createAdmission } from './limits/admit.ts';
import { AnswerTypes } from './operations/answer-types.ts';
import { createCollapse } from './operations/collapse.ts';
import { graphqlRoute } from './operations/graphql-route.ts';
import { createOrigins } from './operations/origins.ts';
import { createOperationPolicy, type Policies } from './operations/policy.ts';
import { securityHeaders } from './operations/security-headers.ts';
import { createServer } from './operations/server.ts';
import { createGraph, type GraphOptions } from './served-graph.ts';
import { createLive } from './subscriptions/live.ts';
import type { ServedSchema } from './supergraph/served-schema.ts';
import { countReloads, type SchemaWatch, type WatchParts, watchSchema } from './supergraph/watch-schema.ts';
import { probe } from './transport/probe.ts';
import type { Transport } from './transport/transport.ts';

export { type GatewayConfig, hostedConfigShape, subgraphPlacesOf } from './config.ts';
export type { LandingOptions, LocalAccount, StatusEntry } from './landing/options.ts';
export { readSchemaFiles, type SchemaFiles, stateOfSchemaFiles } from './supergraph/schema-files.ts';
export { PASSED_PATHS } from './transport/passed-paths.ts';
export type { InProcessSubgraph, SubgraphPlaces } from './transport/transport.ts';

export interface GatewayOptions extends GraphOptions {
  readonly landing?: LandingOptions;
  /** Parts key spaces that share a Redis database; for tests. */
  readonly streamPrefix?: string;
  /** Default: a logger of its own, by `config.logLevel` and `config.logFile`. */
  readonly log?: Logger;
  /** Also memory, CPU and event-loop lag in `/metrics`: once per process. */
  readonly withProcessMetrics?: boolean;
}

export interface Gateway {
  /** Loads the supergraph and begins to read events; waits for no subgraph and no store. */
  start(): Promise<void>;
  /** Starts where that was not done, and takes requests. */
  listen(): Promise<{ readonly port: number; readonly url: string }>;
  /** Sockets first (1012), then running requests, then the rest. May be called twice. */
  close(options?: DrainOptions): Promise<void>;
  /**
   * Serves another supergraph from now on, without losing a request; trusted documents, and the operations that are named, are compiled before.
   * Rejects, and keeps the old one, where the new one cannot be loaded or cannot answer one of them. Rules and manifests that are not given stay.
   * Call it after `start`.
   */
  readonly replaceSchema: ServedSchema['replace'];
  /** Reads the files of a folder again whenever they change, and serves them; `served`: what `stateOfSchemaFiles` told before they were read first. */
  watchSchema(directory: string, options?: Pick<WatchParts, 'lookEveryMs' | 'served'>): SchemaWatch;
  /** Where it listens, once it does. */
  readonly url: string | null;
}

/** The front door. Construction connects nothing. */
export function createGateway(options: GatewayOptions): Gateway {
  const { config } = options;
  forbidApolloTelemetry();
  const log = options.log ?? createLogger({ service: 'gateway', level: config.logLevel, file: config.logFile });
  const metrics = createMetrics('gateway', { withProcess: options.withProcessMetrics ?? false });
  const parts = assemble(options, log, metrics);
  const watches: SchemaWatch[] = [];
  const count = countReloads(metrics);
  let url: string | null = null;
  let starting: Promise<void> | null = null;
  let closing: Promise<void> | null = null;

  const start = (): Promise<void> => {
    starting ??= parts.server.start().then(() => void parts.warmUp());
    parts.live.start();
    return starting;
  };
  return {
    start,
    listen: async () => {
      await start();
      const listening = await parts.http.listen();
      url = listening.url;
      log.info({ url }, 'gateway is listening');
      return listening;
    },
    close: (drain) => {
      for (const watch of watches) watch.close();
      closing ??= closeAll(parts, starting !== null, drain);
      return closing;
    },
    replaceSchema: parts.schema.replace,
    watchSchema: (directory, watchOptions = {}) => {
      const watch = watchSchema({ directory, replace: parts.schema.replace, log, count, ...watchOptions });
      watches.push(watch);
      return watch;
    },
    get url() {
      return url;
    },
  };
}

interface Parts {
  readonly server: ApolloServer<GatewayContext>;
  readonly http: HttpService;
  readonly live: ReturnType<typeof createLive>;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly schema: ServedSchema;
  /** Compiles the trusted documents; never rejects. */
  warmUp(): Promise<void>;
}

function assemble(options: GatewayOptions, log: Logger, metrics: Metrics): Parts {
  const { config } = options;
  const { transports, supergraph, execution, schema, warmUp } = createGraph(options, log, metrics);
  const { rules } = schema;
  const admission = createAdmission();
  const textOf = (hash: string) => schema.trusted().textOf(hash) ?? admission.textOf(hash);
  const answerTypes = new AnswerTypes();
  const server = createServer({
    gateway: supergraph.gateway,
    executor: execution.executor,
    rules,
    textOf,
    answerTypes,
    metrics,
    isProduction: config.isProduction,
    isStrictHttp: config.isStrictHttp,
    log,
  });
  const origins = createOrigins(config);
  const policy = createOperationPolicy(policiesFor(config), schema.trusted, log, metrics);
  const identity = createIdentity(config, transports, log);
  const live = createLive({
    config,
    supergraph,
    planSubscription: execution.planSubscription,
    rules,
    admission,
    policy,
    identity,
    origins,
    transports,
    metrics,
    log,
    streamPrefix: options.streamPrefix,
  });
  const isSecure = config.publicUrl?.startsWith('https:') ?? false;
  const routes = [
    graphqlRoute({
      server,
      callers: identity,
      admission,
      policy,
      textOf,
      answerTypes,
      origins,
      isSecure,
      collapse: config.collapse ? createCollapse(metrics) : null,
      log,
    }),
    ...landingRoutes({ transports, isProduction: config.isProduction, ...options.landing }),
    ...[...transports.values()].flatMap((transport) => transport.routes),
  ];
  const http = createHttpService({
    name: 'gateway',
    host: config.host,
    port: config.port,
    routes,
    headers: securityHeaders(isSecure),
    health: {
      required: { supergraph: async () => void supergraph.planning() },
      soft: Object.fromEntries([...transports].map(([name, each]) => [name, () => probe(each)])),
    },
    log,
    metrics,
    trustedProxyHops: config.trustedProxyHops,
    onUpgrade: live.upgrade,
  });
  return { server, http, live, transports, schema, warmUp };
}

function policiesFor({ operations, isProduction }: GatewayConfig): Policies {
  return operations ?? { everybody: isProduction ? 'safelist-only' : 'open', clients: new Map() };
}

async function closeAll({ server, http, live, transports }: Parts, isStarted: boolean, drain?: DrainOptions): Promise<void> {
  const drained = http.drain(drain);
  await live.close();
  await drained;
  if (isStarted) await server.stop();
  await Promise.all([...transports.values()].map((transport) => transport.close()));
}
