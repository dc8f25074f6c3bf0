import { SERVICES, type ServiceName } from '@tessera/schema/contract';
import { parseConfig } from '@tessera/service-kit/config';
import type { Subgraph } from '@tessera/service-kit/subgraph';
import { placeholderEnvironment } from './placeholder-environment.ts';

/** The composition roots, built with settings that lead nowhere. Order matters to no one: a test builds them in several. */
export async function emitSubgraphs(order: readonly ServiceName[] = SERVICES): Promise<ReadonlyMap<ServiceName, string>> {
  const sdls = new Map<ServiceName, string>();
  for (const service of order) sdls.set(service, (await buildSubgraph(service)).sdl);
  return sdls;
}

async function buildSubgraph(service: ServiceName): Promise<Subgraph> {
  const env = placeholderEnvironment();
  switch (service) {
    case 'users': {
      const { configShape, createSubgraph } = await import('@tessera/users');
      return createSubgraph(parseConfig(service, configShape, env));
    }
    case 'catalog': {
      const { configShape, createSubgraph } = await import('@tessera/catalog');
      return createSubgraph(parseConfig(service, configShape, env));
    }
    case 'orders': {
      const { configShape, createSubgraph } = await import('@tessera/orders');
      return createSubgraph(parseConfig(service, configShape, env));
    }
    case 'payments': {
      const { configShape, createSubgraph } = await import('@tessera/payments');
      return createSubgraph(parseConfig(service, configShape, env));
    }
    case 'ledger': {
      const { configShape, createSubgraph } = await import('@tessera/ledger');
      return createSubgraph(parseConfig(service, configShape, env));
    }
  }
}
