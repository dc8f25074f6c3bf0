import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { Worker } from '@tessera/service-kit/subgraph';

const INTERVAL_MS = 600_000;
const BATCH = 1_000;
/** Ended sessions and letters are kept this long, for questions; codes and retired keys mean nothing after a day. */
const KEEP_DAYS = 30;

const SWEEPS = [
  `delete from sessions where id in (select id from sessions where expires_at < $1::timestamptz - make_interval(days => ${KEEP_DAYS}) limit ${BATCH})`,
  `delete from sessions where id in (select id from sessions where revoked_at < $1::timestamptz - make_interval(days => ${KEEP_DAYS}) limit ${BATCH})`,
  `delete from mails where id in (select id from mails where coalesce(sent_at, failed_at) < $1::timestamptz - make_interval(days => ${KEEP_DAYS}) limit ${BATCH})`,
  `delete from email_codes where id in
     (select id from email_codes c where expires_at < $1::timestamptz - interval '1 day'
      and exists (select from users u where u.id = c.user_id and u.email_verified_at is not null) limit ${BATCH})`,
  `delete from signing_keys where retires_at < $1::timestamptz - interval '1 day'`,
];

/** Deletes what has ended long ago, in bounded batches. */
export const sweepUsers: Worker = {
  name: 'sweep-users',
  intervalMs: INTERVAL_MS,
  run: async ({ em, now }) => (await sweep(em, now)) >= BATCH,
};

/** Answers how many rows the fullest batch had. */
export async function sweep(em: EntityManager, now: Date): Promise<number> {
  let most = 0;
  for (const statement of SWEEPS) most = Math.max(most, (await rawSql(em, `${statement} returning 1`, [now])).length);
  return most;
}
