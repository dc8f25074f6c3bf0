import { createIdentitySigner, type SignerOptions } from '@tessera/service-kit/identity';
import { httpTransport } from './http.ts';
import { inProcessTransport } from './in-process.ts';
import type { Transport, TransportOptions } from './transport.ts';

/** One transport per subgraph, by name. Nothing is asked yet: a subgraph that is down does not keep the gateway from starting. */
export function connectSubgraphs(
  options: Readonly<Record<string, TransportOptions>>,
  identityKey: SignerOptions['privateKey'],
): ReadonlyMap<string, Transport> {
  const signer = createIdentitySigner({ privateKey: identityKey });
  return new Map(
    Object.entries(options).map(([name, each]) => [
      name,
      each.kind === 'http' ? httpTransport(name, each, signer) : inProcessTransport(name, each.subgraph),
    ]),
  );
}
