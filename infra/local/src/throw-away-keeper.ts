import { removeLayout, resolveLayout } from './layout.ts';
import { stopLeftoverPostgres } from './postgres/leftovers.ts';

/**
 * `throw-away-keeper.ts <data directory> <directory of PostgreSQL>` waits until whoever started it is gone: the pipe to our input closes however
 * they end, even by kill -9. What they left is then ended and removed.
 */
const [dataDir = '', postgresDir = ''] = process.argv.slice(2);
process.stdin.on('end', end).on('error', end).resume();

async function end(): Promise<void> {
  await stopLeftoverPostgres(postgresDir);
  removeLayout(resolveLayout({ dataDir }));
}
