import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';

const BATCH = 100;

/** Ends proposals that nobody decided in time, by the database's clock. One that is being decided is passed over. */
export async function expireAdjustments({ em }: UnitOfWork): Promise<boolean> {
  const expired = await rawSql(
    em,
    `update adjustments set state = 'EXPIRED', decided_at = clock_timestamp() where id in (
       select id from adjustments where state = 'PROPOSED' and expires_at <= clock_timestamp() order by expires_at limit ${BATCH} for update skip locked)
     returning id`,
  );
  return expired.length === BATCH;
}
