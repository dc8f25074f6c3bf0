import { randomUUID } from 'node:crypto';
import type { MigrationObject, Options } from '@mikro-orm/core';
import type { ServiceName } from '@tessera/schema/contract';
import type { JSONWebKeySet } from 'jose';
import type { LogLevel } from '../config/index.ts';
import { deriveKey } from '../crypto/index.ts';
import { buildFederatedSchema, createOperationExecutor, type FederatedSchema, formatError, type References } from '../graphql/index.ts';
import { idempotencyMigration } from '../idempotency/index.ts';
import type { Viewer } from '../identity/index.ts';
import {
  type Consumer,
  createConsumer,
  createRelay,
  type EventHandlers,
  messagingMigration,
  packsMigration,
  readSeen,
  signSeen,
  tellMigration,
} from '../messaging/index.ts';
import { createOrm, type MikroORM, runMigrations } from '../persistence/index.ts';
import { type Check, createLogger, createMetrics, type Logger, type Metrics, type Route } from '../service/index.ts';
import { createRequestContext } from './request-context.ts';
import { createWorkers, type Worker } from './workers.ts';

/** What every subgraph is configured with; `commonConfig` reads it from the environment. */
export interface SubgraphConfig {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly port: number;
  readonly host: string;
  readonly redisUrl: string;
  readonly eventsSecret: string;
  readonly identityKeys: JSONWebKeySet;
  readonly logLevel: LogLevel;
  readonly logFile?: string | undefined;
  /** Starts every Redis key, so that several stacks can share one Redis; default none. */
  readonly redisKeyPrefix?: string | undefined;
  readonly isProduction: boolean;
}

/** What a composition root gets to build its own collaborators from. Nothing is connected yet. */
export interface Platform {
  readonly orm: MikroORM;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface SubgraphDefinition<Services> {
  readonly name: ServiceName;
  readonly config: SubgraphConfig;
  /** The subgraph's own collaborators; `close` is called at the end. */
  readonly services: (platform: Platform) => Services & { readonly close?: () => Promise<void> };
  readonly resolvers: Parameters<typeof buildFederatedSchema>[0]['resolvers'];
  readonly orphanedTypes?: Parameters<typeof buildFederatedSchema>[0]['resolvers'];
  readonly references: References<Services>;
  /** See `buildFederatedSchema`. */
  readonly sdlHeader?: string;
  readonly entities: NonNullable<Options['entities']>;
  readonly migrations: readonly MigrationObject[];
  /** Consumers of foreign events and of commands, by event type. */
  readonly handlers?: (services: Services, platform: Platform) => EventHandlers;
  /** Periodic work such as expiring what is due. */
  readonly workers?: (services: Services, platform: Platform) => readonly Worker[];
  /** Work that cannot be one transaction a round, such as asking somebody outside. Started last, closed first. */
  readonly background?: (services: Services, platform: Platform) => readonly BackgroundWork[];
  /** Ways in that are not GraphQL; the gateway passes these paths through. */
  readonly routes?: (services: Services, platform: Platform) => readonly Route[];
  /** What it can do without for a while; reported by `/health/ready`. */
  readonly softChecks?: (services: Services, platform: Platform) => Readonly<Record<string, Check>>;
}

export interface BackgroundWork {
  start(): void;
  /** Resolves when nothing of it runs any more, within a bounded time. */
  close(): Promise<void>;
}

export interface SubgraphRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly operationName?: string | undefined;
  readonly viewer: Viewer;
  readonly requestId?: string | undefined;
  readonly traceparent?: string | null | undefined;
  /** The `Idempotency-Key` header of the client. */
  readonly idempotencyKey?: string | null | undefined;
  /** Routers ask for it with `apollo-federation-include-trace: ftv1`. */
  readonly isTraced?: boolean | undefined;
  /** `Tessera-Seen`: signed tokens of events whose effect the client has seen. */
  readonly seen?: string | null | undefined;
}

export interface SubgraphAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly object[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** `Tessera-Committed`, or null when nothing was published. */
  readonly committed: string | null;
}

/** A subgraph that knows nothing about who hosts it. Construction connects nothing; `start` does. */
export interface Subgraph<Services = unknown> extends Pick<FederatedSchema, 'schema' | 'sdl' | 'access'> {
  readonly name: ServiceName;
  readonly config: SubgraphConfig;
  readonly services: Services;
  readonly platform: Platform;
  readonly routes: readonly Route[];
  readonly softChecks: Readonly<Record<string, Check>>;
  migrate(): Promise<void>;
  /** Starts relay, consumer and workers. The database must be migrated. */
  start(): Promise<void>;
  /** The in-process transport. The viewer must have been verified by the caller. */
  execute(request: SubgraphRequest): Promise<SubgraphAnswer>;
  /** Resolves when every event here has been consumed that was committed before; for tests and seeds. */
  waitFor: Consumer['waitFor'];
  /** Throws when the own database cannot be reached. */
  check(): Promise<void>;
  close(): Promise<void>;
}

const SEEN_WAIT_MS = 1_000;

/** Assembles a subgraph from its parts: schema, store, outbox, inbox, workers. */
export function defineSubgraph<Services>(definition: SubgraphDefinition<Services>): Subgraph<Services> {
  const { name, config } = definition;
  const federated = buildFederatedSchema(definition as Parameters<typeof buildFederatedSchema>[0]); // references get the services that this file passes them
  const log = createLogger({ service: name, level: config.logLevel, file: config.logFile });
  const orm = createOrm({
    databaseUrl: config.databaseUrl,
    entities: definition.entities,
    migrations: [messagingMigration, idempotencyMigration, ...definition.migrations, packsMigration, tellMigration],
  });
  const platform: Platform = { orm, log, metrics: createMetrics(name) };
  const services = definition.services(platform);
  const prefix = config.redisKeyPrefix;
  const store = {
    databaseUrl: config.databaseUrl,
    service: name,
    redisUrl: config.redisUrl,
    eventsSecret: config.eventsSecret,
    log,
    ...(prefix ? { prefix } : {}),
  };
  const relay = createRelay(store);
  const consumer = createConsumer({ ...store, orm, handlers: definition.handlers?.(services, platform) ?? {} });
  const background = definition.background?.(services, platform) ?? [];
  const workers = createWorkers(orm, name, definition.workers?.(services, platform) ?? [], log);

  return {
    name,
    config,
    services,
    platform,
    ...federated,
    routes: definition.routes?.(services, platform) ?? [],
    softChecks: definition.softChecks?.(services, platform) ?? {},
    migrate: () => runMigrations(orm),
    start: async () => {
      await Promise.all([relay.start(), consumer.start()]);
      workers.start();
      for (const work of background) work.start();
    },
    execute: createExecute({ definition, federated, orm, services, log, consumer }),
    waitFor: (events, timeoutMs) => consumer.waitFor(events, timeoutMs),
    check: async () => {
      await orm.em.fork().getConnection().execute('select 1');
    },
    close: () =>
      closeInOrder([
        ...background.map((work) => () => work.close()),
        () => workers.close(),
        () => consumer.close(),
        () => relay.close(),
        async () => services.close?.(),
        () => orm.close(),
      ]),
  };
}

/** Each is closed, also after one that fails; the first failure is thrown once all were tried. */
async function closeInOrder(closers: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) await close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

interface ExecuteParts<Services> {
  readonly definition: SubgraphDefinition<Services>;
  readonly federated: FederatedSchema;
  readonly orm: MikroORM;
  readonly services: Services;
  readonly log: Logger;
  readonly consumer: Consumer;
}

function createExecute<Services>({ definition: { config }, federated, orm, services, log, consumer }: ExecuteParts<Services>) {
  const run = createOperationExecutor(federated.schema, (error) =>
    formatError(
      error,
      (errorId, fault) => log.error({ errorId, err: fault.originalError ?? fault, path: fault.path }, 'fault'),
      randomUUID,
    ),
  );
  const fingerprintKey = deriveKey(config.secret, 'idempotency-fingerprints');
  const cursorSecret = deriveKey(config.secret, 'cursors').toString('base64url');

  return async (request: SubgraphRequest): Promise<SubgraphAnswer> => {
    const seen = request.seen ? readSeen(request.seen, config.eventsSecret) : [];
    const isStale = seen.length > 0 && !(await consumer.waitFor(seen, SEEN_WAIT_MS));
    const context = createRequestContext({
      em: orm.em,
      viewer: request.viewer,
      request: { requestId: request.requestId ?? randomUUID(), traceparent: request.traceparent ?? null },
      idempotencyKey: request.idempotencyKey ?? null,
      services,
      log,
      now: new Date(),
      isStale,
      fingerprintKey,
      cursorSecret,
    });
    const { committed, ...answer } = await run(request, context);
    return { ...answer, committed: committed.length > 0 ? signSeen(committed, config.eventsSecret) : null };
  };
}
