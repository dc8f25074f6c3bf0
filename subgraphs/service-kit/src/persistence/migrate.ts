import type { MikroORM } from '@mikro-orm/postgresql';
import { rawSql } from './transaction.ts';

/** One number for all services: each has a database of its own, so they do not meet. */
const MIGRATION_LOCK = 727_001;

/** Brings the database to the expected version. Several processes may call it at once: an advisory lock lets one work. */
export async function runMigrations(orm: MikroORM): Promise<void> {
  const em = orm.em.fork();
  await em.transactional(async (locked) => {
    await rawSql(locked, `set local statement_timeout = 0`);
    await rawSql(locked, `set local idle_in_transaction_session_timeout = 0`);
    await rawSql(locked, `set local lock_timeout = '60s'`);
    await rawSql(locked, `select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await rawSql(locked, 'set local lock_timeout to default');
    // On this connection, whose statements may take their time: the others of the pool have a bound.
    await orm.migrator.up({ transaction: locked.getTransactionContext() });
  });
}
