import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createGateway, type GatewayOptions, type InProcessSubgraph, type SubgraphPlaces } from '@tessera/gateway';
import { SCALARS } from '@tessera/service-kit/graphql';
import { createLogger } from '@tessera/service-kit/service';
import type { SubgraphRequest } from '@tessera/service-kit/subgraph';
import { ownManifest, ownSubgraphNames, remembering } from './own-graph.ts';

/** `gateway-process.ts KIND PORT SUPERGRAPH`: one gateway in a process of its own. `stock` and `own-stock` are Apollo Gateway as everybody has it. */
const [kind = '', port = '', path = ''] = process.argv.slice(2);
const supergraphSdl = readFileSync(path, 'utf8');
const isOwn = kind.startsWith('own');

if (kind.endsWith('stock')) await startStock();
else await startTessera(kind.endsWith('apollo') ? 'apollo' : 'tessera');
process.send?.('ready');

async function startStock(): Promise<void> {
  process.env.APOLLO_TELEMETRY_DISABLED = '1';
  const { ApolloGateway, RemoteGraphQLDataSource } = await import('@apollo/gateway');
  const { ApolloServer } = await import('@apollo/server');
  const { startStandaloneServer } = await import('@apollo/server/standalone');
  const ownPort = process.env.OWN_PORT;
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ name, url = '' }) => new RemoteGraphQLDataSource({ url: ownPort ? `http://127.0.0.1:${ownPort}/${name}` : url }),
  });
  const trusted = new Map(isOwn ? ownManifest().operations.map(({ id, body }) => [`apq:${id}`, body]) : []);
  const cache = { get: async (key: string) => trusted.get(key), set: async () => undefined, delete: async () => false };
  await startStandaloneServer(new ApolloServer({ gateway, persistedQueries: { cache } }), {
    listen: { port: Number(port), host: '127.0.0.1' },
  });
}

async function startTessera(executor: 'apollo' | 'tessera'): Promise<void> {
  const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const secret = () => randomBytes(32).toString('base64url');
  const config: GatewayOptions['config'] = {
    secret: secret(),
    identityKey: { kty: kty as 'OKP', crv: crv as 'Ed25519', kid: 'bench', x: x ?? '', d: d ?? '' },
    eventsSecret: secret(),
    redisUrl: 'redis://127.0.0.1:1',
    port: Number(port),
    host: '127.0.0.1',
    publicUrl: undefined,
    corsOrigins: [],
    trustedProxyHops: 0,
    socketsPerUser: 1,
    executor,
    collapse: kind === 'tessera-collapse',
    isStrictHttp: false,
    operations: { everybody: isOwn ? 'safelist-only' : 'open', clients: new Map() },
    logLevel: 'error',
    logFile: undefined,
    isProduction: true,
  };
  const gateway = createGateway({
    config,
    ...(isOwn ? ownPlaces() : benchmarkPlaces()),
    supergraphSdl,
    accessRules: {},
    manifests: isOwn ? { sdk: ownManifest() } : {},
    scalars: isOwn ? SCALARS : [],
    log: createLogger({ service: 'gateway', level: 'error', destination: { write: () => undefined } }),
  });
  await gateway.listen();
}

function benchmarkPlaces(): SubgraphPlaces {
  const urls = [...supergraphSdl.matchAll(/@join__graph\(name: "([^"]+)", url: "([^"]+)"\)/g)];
  return { subgraphUrls: Object.fromEntries(urls.map(([, name = '', url = '']) => [name, url])) };
}

/** The subgraphs of our own graph: in this process, or at the port in `OWN_PORT`. */
function ownPlaces(): SubgraphPlaces {
  const port = process.env.OWN_PORT;
  const urlOf = (name: string) => (port ? `http://127.0.0.1:${port}/${name}` : 'inprocess:');
  const ask = remembering();
  const hosted = (name: string): InProcessSubgraph => ({
    routes: [],
    execute: async ({ query, variables }: SubgraphRequest) => ({ ...(await ask(name, query, variables ?? {})), committed: null }),
  });
  return {
    subgraphUrls: Object.fromEntries(ownSubgraphNames.map((name) => [name, urlOf(name)])),
    hosted: port ? {} : Object.fromEntries(ownSubgraphNames.map((name) => [name, hosted(name)])),
  };
}
