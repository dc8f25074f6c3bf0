import type { EventPayload } from '@tessera/schema/contract';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { handleKeyOf } from './recipient.ts';

/** Writes the directory entry of a user; `version` counts the user's events, and an older one never overwrites a newer one. */
export async function saveRecipient(
  em: EntityManager,
  { userId, handle, displayName, emailKey }: EventPayload<'UserRegistered'>,
  version: number,
): Promise<void> {
  await rawSql(
    em,
    `insert into recipients as r (user_id, handle_key, display_name, email_key, version) values ($1, $2, $3, $4, $5)
     on conflict (user_id) do update
       set handle_key = excluded.handle_key, display_name = excluded.display_name, email_key = excluded.email_key, version = excluded.version
       where r.version < excluded.version`,
    [userId, handleKeyOf(handle), displayName, emailKey, version],
  );
}
