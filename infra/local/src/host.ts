import { fileURLToPath } from 'node:url';
import type { CatalogServices } from '@tessera/catalog';
import type { LandingOptions } from '@tessera/gateway';
import type { LedgerServices } from '@tessera/ledger';
import type { OrdersServices } from '@tessera/orders';
import type { PaymentsServices } from '@tessera/payments';
import type { Subgraph } from '@tessera/service-kit/subgraph';
import type { UsersServices } from '@tessera/users';

/** The composed graph, its access rules and the trusted documents, as committed. */
const SCHEMA = fileURLToPath(new URL('../../../schema', import.meta.url));

export interface RunningGateway {
  readonly url: string;
  close(): Promise<void>;
}

/** The services of this process: the one place that wires them together. */
export interface Hosted {
  readonly users: Subgraph<UsersServices>;
  readonly catalog: Subgraph<CatalogServices>;
  readonly orders: Subgraph<OrdersServices>;
  readonly payments: Subgraph<PaymentsServices>;
  readonly ledger: Subgraph<LedgerServices>;
}

/** Builds all five from the environment; connects nothing yet. Loaded late, because the build may still have to make them. */
export async function createSubgraphs(env: NodeJS.ProcessEnv): Promise<Hosted> {
  const [users, catalog, orders, payments, ledger] = await Promise.all([
    createUsers(env),
    createCatalog(env),
    createOrders(env),
    createPayments(env),
    createLedger(env),
  ]);
  return { users, catalog, orders, payments, ledger };
}

async function createUsers(env: NodeJS.ProcessEnv): Promise<Subgraph<UsersServices>> {
  const { configShape, createSubgraph } = await import('@tessera/users');
  return createSubgraph((await configLoader())('users', configShape, env));
}

async function createCatalog(env: NodeJS.ProcessEnv): Promise<Subgraph<CatalogServices>> {
  const { configShape, createSubgraph } = await import('@tessera/catalog');
  return createSubgraph((await configLoader())('catalog', configShape, env));
}

async function createOrders(env: NodeJS.ProcessEnv): Promise<Subgraph<OrdersServices>> {
  const { configShape, createSubgraph } = await import('@tessera/orders');
  return createSubgraph((await configLoader())('orders', configShape, env));
}

async function createPayments(env: NodeJS.ProcessEnv): Promise<Subgraph<PaymentsServices>> {
  const { configShape, createSubgraph } = await import('@tessera/payments');
  return createSubgraph((await configLoader())('payments', configShape, env));
}

async function createLedger(env: NodeJS.ProcessEnv): Promise<Subgraph<LedgerServices>> {
  const { configShape, createSubgraph } = await import('@tessera/ledger');
  return createSubgraph((await configLoader())('ledger', configShape, env));
}

async function configLoader() {
  return (await import('@tessera/service-kit/config')).parseConfig;
}

export interface StartedSubgraphs {
  /** Of each subgraph's own port. */
  readonly urls: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts relays, consumers and workers, and lets each subgraph also listen on its own port. */
export async function startSubgraphs(hosted: Partial<Hosted>): Promise<StartedSubgraphs> {
  const kit = await import('@tessera/service-kit/subgraph');
  const subgraphs: readonly Subgraph[] = Object.values(hosted);
  const running = await kit.startSubgraphs(subgraphs);
  return {
    urls: Object.fromEntries(running.map(({ url }, at) => [subgraphs[at]?.name, url])),
    close: async () => {
      await Promise.all(running.map(({ close }) => close()));
    },
  };
}

/** The gateway over the subgraphs, each where its URL says: in this process, or over HTTP. */
export async function startGateway(env: NodeJS.ProcessEnv, hosted: Hosted, landing: LandingOptions): Promise<RunningGateway> {
  const [{ createGateway, hostedConfigShape, PASSED_PATHS, readSchemaFiles, subgraphPlacesOf }, { SCALARS }, { createLogger }] =
    await Promise.all([import('@tessera/gateway'), import('@tessera/service-kit/graphql'), import('@tessera/service-kit/service')]);
  const config = (await configLoader())('gateway', hostedConfigShape, env);
  const gateway = createGateway({
    config,
    log: createLogger({ service: 'gateway', level: config.logLevel, file: env.LOG_FILE }),
    ...subgraphPlacesOf(config),
    hosted: { ...hosted },
    passedPaths: PASSED_PATHS,
    ...(await readSchemaFiles(SCHEMA)),
    scalars: SCALARS,
    landing,
    withProcessMetrics: true,
  });
  const { url } = await gateway.listen();
  return { url, close: () => gateway.close() };
}
