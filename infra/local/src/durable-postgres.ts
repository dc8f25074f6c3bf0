import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { prepareLayout, removeLayout, resolveLayout } from './layout.ts';
import { once } from './once.ts';
import { startPostgres } from './postgres/server.ts';

const PREFIX = 'tessera-bench-';

/** A throw-away PostgreSQL that syncs to disk as one in production does, on a port of its own: for measuring. Nothing is left of it. */
export async function startDurablePostgres(): Promise<{ readonly adminUrl: string; stop(): Promise<void> }> {
  const layout = resolveLayout({ ephemeralPrefix: PREFIX });
  const user = prepareLayout(layout);
  const { checkout, cacheDir, postgresDir, logsDir } = layout;
  const adminPassword = randomBytes(16).toString('hex');
  const options = {
    dataDir: postgresDir,
    port: 0,
    logFile: join(logsDir, 'postgres.log'),
    adminPassword,
    checkout,
    cacheDir,
    isDurable: true,
  };
  const server = await startPostgres({ ...options, user }).catch((error: unknown) => {
    removeLayout(layout);
    throw error;
  });
  return { adminUrl: server.adminUrl, stop: once(() => server.stop().finally(() => removeLayout(layout))) };
}
