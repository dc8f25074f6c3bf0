export { createOrm, type OrmOptions } from './orm.ts';
export { afterCommit, rawSql, type Row, transaction } from './transaction.ts';
export { isConnectionError, sqlState } from './sql-state.ts';
export { runMigrations } from './migrate.ts';
export type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
