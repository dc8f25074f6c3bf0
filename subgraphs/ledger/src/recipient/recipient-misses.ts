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

/**
 * Runs what remembers misses that were counted before anybody was told of them. Where it is not remembered (no room, nobody knows), or was
 * before, they are taken back: whoever asks again under the same key has it counted again.
 * @param isRemembered whether the answer tells of a miss that is new
 */
export async function countedOnce<Answer>(
  em: EntityManager,
  senderId: string,
  misses: number,
  remember: () => Promise<Answer>,
  isRemembered: (answer: Answer) => boolean = () => true,
): Promise<Answer> {
  let isKept = false;
  try {
    const answer = await remember();
    isKept = isRemembered(answer);
    return answer;
  } finally {
    // Where the database is away too, one too many is counted.
    if (!isKept && misses > 0) await rawSql(em, TAKE_BACK, [senderId, misses]).catch(() => undefined);
  }
}

const TAKE_BACK = `
  with fewer as (update recipient_misses set misses = misses - $2::integer where sender_id = $1 and misses > $2::integer)
  delete from recipient_misses where sender_id = $1 and misses <= $2::integer`;
