import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { ProviderEvent } from '../provider/provider-adapter.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { WebhookEntity, WebhookPayload } from './webhook.entity.ts';

export interface HeardEvents {
  readonly provider: ProviderName;
  readonly source: WebhookEntity['source'];
  readonly events: readonly ProviderEvent[];
  readonly traceparent: string | null;
  readonly now: Date;
}

/** Keeps what is not known yet, in one statement. @returns the ids of what was new */
export async function storeEvents(em: EntityManager, { provider, source, events, traceparent, now }: HeardEvents): Promise<string[]> {
  if (events.length === 0) return [];
  const rows = await rawSql<{ event_id: string }>(
    em,
    `insert into webhook_inbox (provider, event_id, type, object_id, payload, source, state, tries, received_at, due_at)
     select $1, e.id, e.type, e.object_id, e.payload::jsonb, $6, 'RECEIVED', 0, $7::timestamptz, $7::timestamptz
     from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as e (id, type, object_id, payload)
     on conflict (provider, event_id) do nothing returning event_id`,
    [
      provider,
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map(({ objectId }) => objectId),
      events.map(({ subject, payload }) => storable({ subject, traceparent, event: payload })),
      source,
      now.toISOString(),
    ],
  );
  return rows.map((row) => row.event_id);
}

/** PostgreSQL keeps neither NUL nor half characters: what somebody typed at the provider must not stop its events. */
function storable(payload: WebhookPayload): string {
  return JSON.stringify(payload, (_key, value: unknown) => (typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value));
}
