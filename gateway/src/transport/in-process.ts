import { randomUUID } from 'node:crypto';
import { newTraceparent, type RawAnswer } from '@tessera/service-kit/service';
import { within } from '../resilience/within.ts';
import { type InProcessSubgraph, ownRequest, SubgraphUnreachable, type Transport } from './transport.ts';

/** No HTTP and no signature: the verified viewer itself is handed over. */
export function inProcessTransport(name: string, subgraph: InProcessSubgraph): Transport {
  return {
    name,
    routes: subgraph.routes,
    execute: (request, timeoutMs) => within(timeoutMs, name, subgraph.execute(request)),
    ask: (path) => askRoute(name, subgraph, path),
    close: async () => undefined,
  };
}

async function askRoute(name: string, { routes }: InProcessSubgraph, path: string): Promise<RawAnswer> {
  const route = routes.find((each) => each.path === path && (each.method === 'GET' || each.method === '*'));
  if (!route) throw new SubgraphUnreachable(`${name} has no ${path}`);
  return route.handler(ownRequest(path, randomUUID(), newTraceparent()));
}
