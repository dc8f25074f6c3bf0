export type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
export { runMigrations } from './migrate.ts';
export { createOrm, type OrmOptions } from './orm.ts';
export { isConnectionError, sqlState } from './sql-state.ts';
export { afterCommit, afterEnd, type Prepared, type Row, rawSql, transaction } from './transaction.ts';
