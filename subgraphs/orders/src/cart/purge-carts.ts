import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';

const KEEP_CARTS_DAYS = 90;
const KEEP_QUOTES_DAYS = 30;
const BATCH = 500;

/** Forgets carts that nobody has touched for long, and quotes that are long over. Orders keep what they were made of. */
export async function purgeCarts({ em }: UnitOfWork): Promise<boolean> {
  const carts = await rawSql(
    em,
    `delete from carts where id in (
       select id from carts where updated_at < clock_timestamp() - interval '${KEEP_CARTS_DAYS} days' limit ${BATCH} for update skip locked)
     returning id`,
  );
  const quotes = await rawSql(
    em,
    `delete from checkout_quotes where id in (
       select id from checkout_quotes where expires_at < clock_timestamp() - interval '${KEEP_QUOTES_DAYS} days' limit ${BATCH} for update skip locked)
     returning id`,
  );
  return carts.length === BATCH || quotes.length === BATCH;
}
