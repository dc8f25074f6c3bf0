import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** An empty ledger in a database of its own, for runs that talk to its engine alone. @returns where it lies */
export async function createEmptyLedger(adminUrl: string, database: string): Promise<string> {
  const { createSubgraph } = await import('@tessera/ledger'); // late, because the build may still have to make it
  await createDatabase(adminUrl, database);
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  const secret = randomBytes(32).toString('base64url');
  const nothingElse = { redisUrl: 'redis://127.0.0.1:1', host: '127.0.0.1', port: 0, identityKeys: { keys: [] } };
  const subgraph = createSubgraph({
    ...nothingElse,
    databaseUrl: url.href,
    secret,
    eventsSecret: secret,
    directorySecret: secret,
    defaultCurrency: 'USD',
    logLevel: 'error',
    logFile: undefined,
    isProduction: false,
    engineLanes: undefined,
    engineBatchSize: undefined,
    engineQueueLimit: undefined,
  });
  await subgraph.migrate();
  await subgraph.close();
  return url.href;
}

async function createDatabase(adminUrl: string, database: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${database}`).finally(() => admin.end());
}
