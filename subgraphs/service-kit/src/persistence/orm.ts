import { Migrator } from '@mikro-orm/migrations';
import { type EntitySchema, MikroORM, type MigrationObject, type Options, UnderscoreNamingStrategy } from '@mikro-orm/postgresql';

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

const LOCK_TIMEOUT_MS = 2_500;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;

/** The service's object-relational mapper. Nothing is opened yet: the first query (or `connect`) does. */
export function createOrm({ databaseUrl, entities, migrations, poolSize = 10, statementTimeoutMs = 3_000 }: OrmOptions): MikroORM {
  return new MikroORM({
    clientUrl: databaseUrl,
    entities,
    extensions: [Migrator],
    namingStrategy: UnderscoreNamingStrategy,
    forceUtcTimezone: true,
    pool: { min: 0, max: poolSize, idleTimeoutMillis: 30_000 },
    driverOptions: {
      statement_timeout: statementTimeoutMs,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    },
    migrations: { migrationsList: [...migrations], tableName: 'schema_migrations', snapshot: false, silent: true, transactional: true, allOrNothing: true },
    debug: false,
    // The ledger stores everything by SQL.
    discovery: { warnWhenNoEntities: false },
  });
}

export type { EntitySchema };
