import { ensure } from '@tessera/service-kit/errors';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';

/** The one clock that all processes share: deadlines are compared with it. */
export async function databaseNow(em: EntityManager): Promise<Date> {
  const [row] = await rawSql<{ now_ms: string }>(em, 'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms');
  return new Date(Number(ensure(row, 'the clock').now_ms));
}
