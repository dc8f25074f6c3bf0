import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../services.ts';

/** Much longer than a provider sends an event again, or lists it. */
const KEEP_MS = 90 * 86_400_000;
const BATCH = 500;

/** Forgets events that were settled long ago. Answers whether there may be more. */
export async function purgeWebhooks({ em, now }: Pick<Act, 'em' | 'now'>): Promise<boolean> {
  const rows = await rawSql(
    em,
    `delete from webhook_inbox where (provider, event_id) in
       (select provider, event_id from webhook_inbox where settled_at < $1::timestamptz order by settled_at limit ${BATCH} for update skip locked)
     returning event_id`,
    [new Date(now.getTime() - KEEP_MS).toISOString()],
  );
  return rows.length === BATCH;
}
