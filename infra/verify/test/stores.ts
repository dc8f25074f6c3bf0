import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import * as ledger from '@tessera/ledger';
import * as orders from '@tessera/orders';
import * as payments from '@tessera/payments';
import { parseConfig } from '@tessera/service-kit/config';
import { createTestDatabase, type TestDatabase } from '@tessera/service-kit/testing';
import { Client } from 'pg';
import { type Ask, SERVICES, type Service } from '../src/ask.ts';
import type { DatabaseUrls } from '../src/databases.ts';

const REPOSITORY = new URL('../../../', import.meta.url);
const KEY = randomBytes(32);
const secret = KEY.toString('base64url');
/** What the services must be told; of all this only the database is ever connected to. */
const ENVIRONMENT = {
  REDIS_URL: 'redis://127.0.0.1:1',
  EVENTS_SECRET: secret,
  DIRECTORY_SECRET: secret,
  IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'test', x: secret }] }),
  ORDERS_ENCRYPTION_KEYS: JSON.stringify({ test: KEY.toString('base64') }),
  LOG_LEVEL: 'error',
};

const ROOTS = {
  ledger: (url: string) => ledger.createSubgraph(parseConfig('ledger', ledger.configShape, environmentOf('LEDGER', url))),
  orders: (url: string) => orders.createSubgraph(parseConfig('orders', orders.configShape, environmentOf('ORDERS', url))),
  payments: (url: string) => payments.createSubgraph(parseConfig('payments', payments.configShape, environmentOf('PAYMENTS', url))),
} as const;

function environmentOf(prefix: string, databaseUrl: string): NodeJS.ProcessEnv {
  return { ...ENVIRONMENT, [`${prefix}_DATABASE_URL`]: databaseUrl, [`${prefix}_SECRET`]: secret };
}

export interface Stores {
  readonly urls: DatabaseUrls;
  readonly ledger: ReturnType<typeof ledger.createSubgraph>;
  close(): Promise<void>;
}

/** Real schemas of the services whose rows are checked; users and catalog are checked for their outbox only, which all have alike. */
export async function openStores(): Promise<Stores> {
  const [books, shop, tills] = await Promise.all([createDatabase('ledger'), createDatabase('orders'), createDatabase('payments')]);
  const subgraph = ROOTS.ledger(books.url);
  return {
    urls: { users: books.url, catalog: tills.url, orders: shop.url, payments: tills.url, ledger: books.url },
    ledger: subgraph,
    close: async () => {
      await subgraph.close();
      await Promise.all([books, shop, tills].map((database) => database.drop()));
    },
  };
}

async function createDatabase(service: keyof typeof ROOTS): Promise<TestDatabase> {
  const folder = new URL(`subgraphs/${service}/src/migrations/`, REPOSITORY);
  const version = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
  const migrate = async (databaseUrl: string): Promise<void> => {
    const subgraph = ROOTS[service](databaseUrl);
    await subgraph.migrate();
    await subgraph.close();
  };
  return createTestDatabase({ name: `verify_${service}`, version: version.join('\n'), migrate });
}

/** Drops, inside the transaction, partitions and everything else that keeps a table from being wrong: what is left to catch it is the check. */
const LOOSEN = `
  do $$
  declare rule record;
  begin
    for rule in select relname as name from pg_class where relkind = 'p' and relnamespace = 'public'::regnamespace loop
      execute format('create table in_one_piece as table %I', rule.name);
      execute format('drop table %I cascade', rule.name);
      execute format('alter table in_one_piece rename to %I', rule.name);
    end loop;
    for rule in select conrelid::regclass as owner, conname from pg_constraint
      where connamespace = 'public'::regnamespace and contype in ('f', 'c', 'u') order by contype = 'u' loop
      execute format('alter table %s drop constraint if exists %I cascade', rule.owner, rule.conname);
    end loop;
    for rule in select i.indexrelid::regclass as name from pg_index i join pg_class c on c.oid = i.indrelid
      where c.relnamespace = 'public'::regnamespace and not i.indisprimary loop
      execute format('drop index %s', rule.name);
    end loop;
    for rule in select a.attrelid::regclass as owner, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and a.attnotnull and a.attidentity = ''
        and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey)) loop
      execute format('alter table %s alter column %I drop not null', rule.owner, rule.attname);
    end loop;
  end $$`;

/** Runs against all stores in transactions that are undone. */
export async function inUndone(
  urls: DatabaseUrls,
  work: (ask: Ask, plant: (service: Service, sql: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const clients = new Map<Service, Client>();
  const clientOf = async (service: Service): Promise<Client> => {
    const known = clients.get(service);
    if (known) return known;
    const client = new Client({ connectionString: urls[service] });
    await client.connect();
    clients.set(service, client);
    await client.query('begin');
    return client;
  };
  const loosened = new Set<Service>();
  const plant = async (service: Service, sql: string): Promise<void> => {
    const client = await clientOf(service);
    if (!loosened.has(service)) {
      await client.query(LOOSEN);
      await client.query('set local session_replication_role = replica');
      loosened.add(service);
    }
    await client.query(sql);
  };
  try {
    for (const service of SERVICES) if (service === 'ledger' || service === 'orders' || service === 'payments') await clientOf(service);
    await work(async (service, sql, parameters = []) => (await (await clientOf(service)).query(sql, [...parameters])).rows, plant);
  } finally {
    for (const client of clients.values()) await client.end();
  }
}
