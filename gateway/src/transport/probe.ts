import { serviceViewer } from '@tessera/service-kit/identity';
import type { Transport } from './transport.ts';

const PROBE_TIMEOUT_MS = 1_000;

/** Rejects unless the subgraph answers the smallest of questions. */
export async function probe(transport: Transport): Promise<void> {
  const { data } = await transport.execute({ query: '{ __typename }', viewer: serviceViewer('gateway') }, PROBE_TIMEOUT_MS);
  if (data?.__typename !== 'Query') throw new Error(`${transport.name} does not answer as a subgraph`);
}
