import { readFileSync } from 'node:fs';
import type { ServiceName } from '@tessera/schema/contract';
import type { Subgraph } from '@tessera/service-kit/subgraph';

/** The services of this process: the one place that wires them together. */
export interface Hosted {
  readonly users: Awaited<ReturnType<typeof createUsers>>;
  readonly catalog: Awaited<ReturnType<typeof createCatalog>>;
  readonly orders: Awaited<ReturnType<typeof createOrders>>;
  readonly payments: Awaited<ReturnType<typeof createPayments>>;
  readonly ledger: Awaited<ReturnType<typeof createLedger>>;
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

export function subgraphsOf(hosted: Hosted): readonly Subgraph[] {
  return [hosted.users, hosted.catalog, hosted.orders, hosted.payments, hosted.ledger];
}

async function createUsers(env: NodeJS.ProcessEnv) {
  const { configShape, createSubgraph } = await import('@tessera/users');
  return createSubgraph((await configLoader())('users', configShape, env));
}

async function createCatalog(env: NodeJS.ProcessEnv) {
  const { configShape, createSubgraph } = await import('@tessera/catalog');
  return createSubgraph((await configLoader())('catalog', configShape, env));
}

async function createOrders(env: NodeJS.ProcessEnv) {
  const { configShape, createSubgraph } = await import('@tessera/orders');
  return createSubgraph((await configLoader())('orders', configShape, env));
}

async function createPayments(env: NodeJS.ProcessEnv) {
  const { configShape, createSubgraph } = await import('@tessera/payments');
  return createSubgraph((await configLoader())('payments', configShape, env));
}

async function createLedger(env: NodeJS.ProcessEnv) {
  const { configShape, createSubgraph } = await import('@tessera/ledger');
  return createSubgraph((await configLoader())('ledger', configShape, env));
}

async function configLoader() {
  return (await import('@tessera/service-kit/config')).parseConfig;
}

/** The composed graph and its access rules, as committed. */
export function composedGraph(): { readonly supergraphSdl: string; readonly accessRules: Readonly<Record<string, never>> } {
  const read = (file: string) => readFileSync(new URL(`../../../schema/${file}`, import.meta.url), 'utf8');
  return { supergraphSdl: read('supergraph.graphql'), accessRules: JSON.parse(read('access.json')) };
}

export type { ServiceName };
