import { Migrator } from '@mikro-orm/migrations';
import { type MigrationObject, MikroORM, type Options, UnderscoreNamingStrategy } from '@mikro-orm/postgresql';
import { giveBackLostClients } from './lost-clients.ts';
import { closeWhenDone } from './under-way.ts';

export interface OrmOptions {
  /** `postgres://…` of the service's own database. */
  readonly databaseUrl: string;
  readonly entities: NonNullable<Options['entities']>;
  readonly migrations: readonly MigrationObject[];
  /** Connections of this process, default 10. */
  readonly poolSize?: number;
  /** Bound of a single statement, default 3,000 ms. */
  readonly statementTimeoutMs?: number;
}

/** For opening a connection, and for waiting until one of the pool is free. */
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_DELAY_MS = 10_000;
const LOCK_TIMEOUT_MS = 2_500;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;

/** The service's object-relational mapper. Nothing is opened yet: the first query (or `connect`) does. Closing it waits for transactions. */
export function createOrm({ databaseUrl, entities, migrations, poolSize = 10, statementTimeoutMs = 3_000 }: OrmOptions): MikroORM {
  const orm = new MikroORM({
    clientUrl: databaseUrl,
    entities,
    extensions: [Migrator],
    namingStrategy: UnderscoreNamingStrategy,
    forceUtcTimezone: true,
    pool: { min: 0, max: poolSize, idleTimeoutMillis: 30_000 },
    driverOptions: {
      // The mapper reads host and database from the URL, but none of its parameters: without this, `sslmode` would be ignored.
      connectionString: databaseUrl,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
      onPoolCreated: giveBackLostClients,
      statement_timeout: statementTimeoutMs,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      // What anybody is told is on disk, whatever the server's default is.
      options: '-c synchronous_commit=on',
    },
    migrations: {
      migrationsList: [...migrations],
      tableName: 'schema_migrations',
      snapshot: false,
      silent: true,
      transactional: true,
      allOrNothing: true,
    },
    debug: false,
    // The ledger stores everything by SQL.
    discovery: { warnWhenNoEntities: false },
  });
  closeWhenDone(orm);
  return orm;
}
