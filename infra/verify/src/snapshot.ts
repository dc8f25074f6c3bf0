import { Client } from 'pg';
import { type Ask, SERVICES, type Service } from './ask.ts';
import { CannotRun } from './cannot-run.ts';
import type { DatabaseUrls } from './databases.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 600_000;
/** Readers wait only for who changes the schema: then the proof is made later. */
const LOCK_TIMEOUT_MS = 5_000;
/** A slice is sorted in memory, and hashes by account rarely go to disk. */
const WORK_MEMORY = '64MB';

export interface Snapshot {
  readonly ask: Ask;
  close(): Promise<void>;
}

/**
 * Opens one read-only, repeatable-read transaction per database: all checks of a service see one moment. The moments of different
 * services differ by milliseconds, so what they say about each other is compared with a margin.
 * @throws CannotRun when any of them cannot be reached
 */
export async function openSnapshot(urls: DatabaseUrls): Promise<Snapshot> {
  const clients = new Map<Service, Client>();
  const close = async (): Promise<void> => {
    await Promise.allSettled([...clients.values()].map((client) => client.end()));
  };
  try {
    for (const service of SERVICES) clients.set(service, await open(service, urls[service]));
  } catch (error) {
    await close();
    throw error;
  }
  const ask: Ask = async (service, sql, parameters = []) => {
    const client = clients.get(service);
    if (!client) throw new CannotRun(`No connection to ${service}.`);
    try {
      const { rows } = await client.query(sql, [...parameters]);
      return rows;
    } catch (cause) {
      throw new CannotRun(`${service} cannot be asked: ${reasonOf(cause)}`, { cause });
    }
  };
  return { ask, close };
}

async function open(service: Service, url: string): Promise<Client> {
  if (!/^postgres(ql)?:/.test(url)) throw new CannotRun(`${service} is not kept in PostgreSQL: it cannot be checked yet.`);
  const client = new Client({
    connectionString: url,
    application_name: 'tessera-verify',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    options: `-c default_transaction_read_only=on -c work_mem=${WORK_MEMORY} -c jit=off`,
  });
  client.on('error', () => undefined); // the query that is running, or the next one, fails and tells
  try {
    await client.connect();
    await client.query('begin isolation level repeatable read read only');
    await client.query('select');
    return client;
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw new CannotRun(`The database of ${service} cannot be reached: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
