import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { MISS_WINDOW_MS } from './recipient.ts';

/** Counts under the row's lock: look-ups that race with each other are counted one after the other. Answers how many there are now. */
export async function countMisses(
  em: EntityManager,
  senderId: string,
  { now, misses }: { readonly now: Date; readonly misses: number },
): Promise<number> {
  const [row] = await rawSql<{ misses: number }>(
    em,
    `insert into recipient_misses as m (sender_id, window_started_at, misses) values ($1, $2::timestamptz, $4::integer)
     on conflict (sender_id) do update set
       misses = case when m.window_started_at <= $3::timestamptz then $4::integer else m.misses + $4::integer end,
       window_started_at = case when m.window_started_at <= $3::timestamptz then $2::timestamptz else m.window_started_at end
     returning misses`,
    [senderId, now.toISOString(), new Date(now.getTime() - MISS_WINDOW_MS).toISOString(), misses],
  );
  return row?.misses ?? misses;
}
