import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createGateway, type GatewayOptions } from '@tessera/gateway';
import { createLogger } from '@tessera/service-kit/service';

/** `gateway-process.ts KIND PORT SUPERGRAPH`: one gateway in a process of its own. `stock` is the public benchmark's Apollo Gateway. */
const [kind = '', port = '', path = ''] = process.argv.slice(2);
const supergraphSdl = readFileSync(path, 'utf8');

if (kind === 'stock') await startStock();
else await startTessera(kind === 'tessera-apollo' ? 'apollo' : 'tessera');
process.send?.('ready');

async function startStock(): Promise<void> {
  process.env.APOLLO_TELEMETRY_DISABLED = '1';
  const { ApolloGateway } = await import('@apollo/gateway');
  const { ApolloServer } = await import('@apollo/server');
  const { startStandaloneServer } = await import('@apollo/server/standalone');
  const gateway = new ApolloGateway({ supergraphSdl });
  await startStandaloneServer(new ApolloServer({ gateway }), { listen: { port: Number(port), host: '127.0.0.1' } });
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
    logLevel: 'error',
    logFile: undefined,
    isProduction: true,
  };
  const urls = [...supergraphSdl.matchAll(/@join__graph\(name: "([^"]+)", url: "([^"]+)"\)/g)];
  const gateway = createGateway({
    config,
    transports: Object.fromEntries(urls.map(([, name = '', url = '']) => [name, { kind: 'http', url } as const])),
    supergraphSdl,
    accessRules: {},
    log: createLogger({ service: 'gateway', level: 'error', destination: { write: () => undefined } }),
  });
  await gateway.listen();
}
