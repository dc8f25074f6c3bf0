import { ConfigError } from '@tessera/service-kit/config';
import { createIdentitySigner, type IdentitySigner, type SignerOptions } from '@tessera/service-kit/identity';
import { httpTransport } from './http.ts';
import { inProcessTransport } from './in-process.ts';
import type { SubgraphPlaces, Transport } from './transport.ts';

const IN_PROCESS = 'inprocess:';

/**
 * One transport per subgraph, by name. Nothing is asked yet: a subgraph that is down does not keep the gateway from starting. Throws `ConfigError`
 * where a URL is none, or names a subgraph of this process that is not there.
 */
export function connectSubgraphs(places: SubgraphPlaces, identityKey: SignerOptions['privateKey']): ReadonlyMap<string, Transport> {
  const names = Object.keys(places.subgraphUrls);
  const problems = names.flatMap((name) => {
    const text = problemOf(name, places);
    return text === null ? [] : [{ variable: places.urlVariables?.[name] ?? `subgraphUrls.${name}`, text }];
  });
  if (problems.length > 0) throw new ConfigError('gateway', problems);
  const signer = createIdentitySigner({ privateKey: identityKey });
  return new Map(names.map((name) => [name, connect(name, places, signer)]));
}

function problemOf(name: string, { subgraphUrls, hosted = {} }: SubgraphPlaces): string | null {
  const url = subgraphUrls[name] ?? '';
  if (url === IN_PROCESS)
    return hosted[name]
      ? null
      : `is ${IN_PROCESS}, but this process does not host ${name}: give the http:// or https:// URL at which it answers`;
  const { protocol = '', host = '' } = URL.canParse(url) ? new URL(url) : {};
  return ['http:', 'https:'].includes(protocol) && host !== ''
    ? null
    : `is not valid: expected http://…, https://…, or ${IN_PROCESS} for a subgraph of this process`;
}

function connect(name: string, { subgraphUrls, hosted = {}, passedPaths = {} }: SubgraphPlaces, signer: IdentitySigner): Transport {
  const url = subgraphUrls[name] ?? '';
  const own = url === IN_PROCESS ? hosted[name] : undefined;
  return own ? inProcessTransport(name, own) : httpTransport(name, { url, paths: passedPaths[name] ?? [] }, signer);
}
