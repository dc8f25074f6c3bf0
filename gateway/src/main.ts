import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@tessera/service-kit/config';
import { createLogger, runService } from '@tessera/service-kit/service';
import { distributedConfigShape } from './config.ts';
import { createGateway, type TransportOptions } from './gateway.ts';
import { PASSED_PATHS } from './transport/passed-paths.ts';

const config = loadConfig('gateway', distributedConfigShape);
const log = createLogger({ service: 'gateway', level: config.logLevel, file: config.logFile });

await runService(
  async () => {
    const gateway = createGateway({
      config,
      transports: httpTransports(),
      supergraphSdl: await readSchema('supergraph.graphql'),
      accessRules: JSON.parse(await readSchema('access.json')),
      log,
      withProcessMetrics: true,
    });
    await gateway.listen();
    return gateway;
  },
  { log },
);

function httpTransports(): Record<string, TransportOptions> {
  const { usersUrl: users, catalogUrl: catalog, ordersUrl: orders, paymentsUrl: payments, ledgerUrl: ledger } = config;
  return Object.fromEntries(
    Object.entries({ users, catalog, orders, payments, ledger }).map(([name, url]) => [
      name,
      { kind: 'http', url, paths: PASSED_PATHS[name] ?? [] },
    ]),
  );
}

/** The composed files that were shipped with this build; a subgraph is never asked for its schema. */
function readSchema(name: 'supergraph.graphql' | 'access.json'): Promise<string> {
  return readFile(fileURLToPath(import.meta.resolve(`@tessera/schema/${name}`)), 'utf8');
}
