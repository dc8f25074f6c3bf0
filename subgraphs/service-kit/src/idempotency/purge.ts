import { type EntityManager, rawSql } from '../persistence/index.ts';

const BATCH = 5_000;

/** Deletes keys past their 30 days, a bounded batch per call; answers how many. */
export async function purgeExpiredKeys(em: EntityManager): Promise<number> {
  const rows = await rawSql(
    em,
    `delete from idempotency_keys where ctid in (select ctid from idempotency_keys where expires_at < now() limit ${BATCH}) returning 1`,
  );
  return rows.length;
}
