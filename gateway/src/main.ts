import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@tessera/service-kit/config';
import { createLogger, runService } from '@tessera/service-kit/service';
import { distributedConfigShape } from './config.ts';
import { createGateway, readSchemaFiles, stateOfSchemaFiles, type TransportOptions } from './gateway.ts';
import { PASSED_PATHS } from './transport/passed-paths.ts';

const config = loadConfig('gateway', distributedConfigShape);
const log = createLogger({ service: 'gateway', level: config.logLevel, file: config.logFile });

/** The composed files that were shipped with this build, unless told; a subgraph is never asked for its schema. */
const directory = config.schemaDir ?? dirname(fileURLToPath(import.meta.resolve('@tessera/schema/supergraph.graphql')));

await runService(
  async () => {
    const served = await stateOfSchemaFiles(directory); // before they are read: what changes from here on is noticed
    const gateway = createGateway({
      config,
      transports: httpTransports(),
      ...(await readSchemaFiles(directory)),
      log,
      withProcessMetrics: true,
    });
    await gateway.listen();
    const watch = gateway.watchSchema(directory, { served });
    process.on('SIGHUP', () => void watch.reload());
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
