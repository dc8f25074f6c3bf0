import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { rawSql } from './transaction.ts';

/** One number for all services: each has a database of its own, so they do not meet. */
const MIGRATION_LOCK = 727_001;

/**
 * Brings the database to the expected version. Each migration is a commit of its own, so what one locks is free again before the next begins,
 * and whatever dies in between, the next start goes on from there. Several processes may call it at once: an advisory lock lets one work, and
 * what another has done meanwhile is left out.
 */
export async function runMigrations(orm: MikroORM): Promise<void> {
  const pending = await alone(orm, () => orm.migrator.getPending()); // makes the table of migrations, where there is none
  for (const { name } of pending)
    await alone(orm, (em) => orm.migrator.up({ migrations: [name], transaction: em.getTransactionContext() }));
}

/** On this connection, whose statements may take their time: the others of the pool have a bound. */
async function alone<T>(orm: MikroORM, work: (em: EntityManager) => Promise<T>): Promise<T> {
  return orm.em.fork().transactional(async (em) => {
    await rawSql(em, 'set local statement_timeout = 0');
    await rawSql(em, 'set local idle_in_transaction_session_timeout = 0');
    await rawSql(em, `set local lock_timeout = '60s'`);
    await rawSql(em, `select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await rawSql(em, 'set local lock_timeout to default');
    return work(em);
  });
}
