import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig, orExit } from '@tessera/service-kit/config';
import { SCALARS } from '@tessera/service-kit/graphql';
import { createLogger, runService } from '@tessera/service-kit/service';
import { distributedConfigShape, subgraphPlacesOf } from './config.ts';
import { createGateway, readSchemaFiles, stateOfSchemaFiles } from './gateway.ts';
import { PASSED_PATHS } from './transport/passed-paths.ts';

const config = loadConfig('gateway', distributedConfigShape);
const log = createLogger({ service: 'gateway', level: config.logLevel, file: config.logFile });

/** The composed files that were shipped with this build, unless told; a subgraph is never asked for its schema. */
const directory = config.schemaDir ?? dirname(fileURLToPath(import.meta.resolve('@tessera/schema/supergraph.graphql')));

await runService(
  async () => {
    const served = await stateOfSchemaFiles(directory); // before they are read: what changes from here on is noticed
    const schemaFiles = await readSchemaFiles(directory);
    const places = { ...subgraphPlacesOf(config), passedPaths: PASSED_PATHS };
    const gateway = orExit(() => createGateway({ config, ...places, ...schemaFiles, scalars: SCALARS, log, withProcessMetrics: true }));
    await gateway.listen();
    const watch = gateway.watchSchema(directory, { served });
    process.on('SIGHUP', () => void watch.reload());
    return gateway;
  },
  { log },
);
