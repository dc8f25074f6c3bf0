import type { ProviderEvent } from '../provider-adapter.ts';
import { subjectOf } from './event-subject.ts';
import { isObject, textOf } from './json.ts';

/**
 * An event as the inbox keeps it, or null for something that is no event, or none that can be kept. Read as JSON: of another API version the
 * types do not hold. Of its object only ids are kept: it may hold who the customer is, pages that let somebody pay or confirm, and receipts,
 * and nobody reads them here.
 */
export function providerEvent(event: unknown): ProviderEvent | null {
  if (!isObject(event) || event.object !== 'event' || !isObject(event.data) || !isObject(event.data.object)) return null;
  const id = textOf(event.id);
  const type = textOf(event.type);
  const { created } = event;
  if (id === null || type === null || typeof created !== 'number' || !Number.isSafeInteger(created)) return null;
  const { object } = event.data;
  const objectId = textOf(object.id);
  if (objectId === null && typeof object.id === 'string' && object.id !== '') return null;
  return {
    id,
    type,
    createdAt: new Date(created * 1_000),
    objectId,
    subject: subjectOf(type, object),
    payload: { id, type, created, object: objectId },
  };
}
