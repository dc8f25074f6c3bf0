import type { ProviderEvent } from '../provider-adapter.ts';
import { API_VERSION } from './client.ts';
import { subjectOf } from './event-subject.ts';
import { isObject, type JsonObject, textOf, withoutSecrets } from './json.ts';

/** An event as the inbox keeps it, or null for something that is no event. Read as JSON: of another API version the types do not hold. */
export function providerEvent(event: unknown): ProviderEvent | null {
  if (!isObject(event) || event.object !== 'event' || !isObject(event.data) || !isObject(event.data.object)) return null;
  const id = textOf(event.id);
  const type = textOf(event.type);
  if (id === null || type === null || typeof event.created !== 'number' || !Number.isSafeInteger(event.created)) return null;
  const { object } = event.data;
  return {
    id,
    type,
    createdAt: new Date(event.created * 1_000),
    objectId: textOf(object.id),
    subject: subjectOf(type, object),
    payload: event.api_version === API_VERSION ? withoutSecrets(event) : idsOf(event, object),
  };
}

/** What has the same meaning in every version. */
function idsOf({ id, object: kind, type, created, api_version }: JsonObject, { id: objectId, object }: JsonObject): JsonObject {
  return { id, object: kind, type, created, api_version, data: { object: { id: objectId ?? null, object: object ?? null } } };
}
