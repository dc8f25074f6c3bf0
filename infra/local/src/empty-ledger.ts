import { randomBytes } from 'node:crypto';
import type { LedgerServices } from '@tessera/ledger';
import type { Subgraph } from '@tessera/service-kit/subgraph';
import pg from 'pg';

/** An empty ledger in a database of its own, for runs that talk to its engine alone. @returns where it lies */
export async function createEmptyLedger(adminUrl: string, database: string): Promise<string> {
  await createDatabase(adminUrl, database);
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  const subgraph = await openLedger(url.href);
  await subgraph.migrate();
  await subgraph.close();
  return url.href;
}

/** The ledger over a database, without Redis and without anything that runs beside it. */
export async function openLedger(databaseUrl: string): Promise<Subgraph<LedgerServices>> {
  const { createSubgraph } = await import('@tessera/ledger'); // late, because the build may still have to make it
  const secret = randomBytes(32).toString('base64url');
  const nothingElse = { redisUrl: 'redis://127.0.0.1:1', host: '127.0.0.1', port: 0, identityKeys: { keys: [] } };
  return createSubgraph({
    ...nothingElse,
    databaseUrl,
    secret,
    eventsSecret: secret,
    directorySecret: secret,
    defaultCurrency: 'USD',
    logLevel: 'error',
    logFile: undefined,
    isProduction: false,
    publicUrl: undefined,
    readDatabaseUrl: undefined,
    defaultLimits: {},
    crashAt: undefined,
    engineLanes: undefined,
    engineBatchSize: undefined,
    engineQueueLimit: undefined,
  });
}

async function createDatabase(adminUrl: string, database: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${database}`).finally(() => admin.end());
}
