import { type Account, API_VERSION, nowSeconds, readSetting } from '../account/account.ts';
import type { EventObject, StripeEvent } from '../objects/event-types.ts';
import type { WebhookEndpoint } from '../objects/types.ts';
import type { DeliveryKind, DeliveryRecord } from './types.ts';

/** How long a reordered webhook stands aside. */
const OVERTAKING_MS = 1000;
/** The oldest events and their deliveries go beyond this many; looked at once in every so many events. */
const MAX_EVENTS = 50_000;
const EVENTS_BETWEEN_SWEEPS = 1000;

/** Records that something happened to an object, and plans its delivery to every endpoint that wants to know. */
export function emit(
  account: Account,
  type: string,
  object: EventObject,
  previousAttributes?: Readonly<Record<string, unknown>>,
): StripeEvent {
  const { store, ids, currentRequest } = account;
  const endpoints = store.list('webhook_endpoint').filter((endpoint) => wants(endpoint, type));
  const event: StripeEvent = store.put('event', {
    id: ids.next('evt'),
    object: 'event',
    api_version: endpoints.find(({ api_version }) => api_version !== null)?.api_version ?? API_VERSION,
    created: nowSeconds(account),
    data: { object, ...(previousAttributes && { previous_attributes: previousAttributes }) },
    livemode: false,
    pending_webhooks: endpoints.length,
    request: { id: currentRequest?.id ?? null, idempotency_key: currentRequest?.idempotencyKey ?? null },
    type,
  });
  currentRequest?.eventIds.push(event.id);
  for (const endpoint of endpoints) planDelivery(account, event, endpoint);
  if ((store.get('counter', 'evt')?.value ?? 0) % EVENTS_BETWEEN_SWEEPS === 0) forgetOldEvents(account);
  return event;
}

/** A delivery that is due now, or later by what the fault plan has for it. */
function planDelivery(account: Account, event: StripeEvent, endpoint: WebhookEndpoint): void {
  const { faults } = account;
  let delayMs = faults.happens('reorderWebhook') ? OVERTAKING_MS : 0;
  if (faults.happens('delayWebhook')) delayMs += faults.amount('delayWebhook', 0, faults.plan.delayWebhook.maxMs);
  if (faults.happens('badSignature')) putDelivery(account, event, endpoint, 'FORGED', delayMs);
  putDelivery(account, event, endpoint, 'EVENT', delayMs);
  if (faults.happens('duplicateWebhook')) putDelivery(account, event, endpoint, 'DUPLICATE', delayMs);
}

export function putDelivery(
  account: Account,
  event: StripeEvent,
  endpoint: WebhookEndpoint,
  kind: DeliveryKind,
  delayMs = 0,
): DeliveryRecord {
  const isHeld = readSetting(account).is_holding_all && (kind === 'EVENT' || kind === 'DUPLICATE');
  const id = account.ids.next('dlv');
  if (!isHeld) account.store.put('due_delivery', { id, at_ms: account.clock.nowMs() + delayMs });
  return account.store.put('delivery', {
    id,
    kind,
    event: event.id,
    type: event.type,
    endpoint: endpoint.id,
    url: endpoint.url,
    state: isHeld ? 'HELD' : 'PENDING',
    attempts: [],
  });
}

function wants({ status, enabled_events: types }: WebhookEndpoint, type: string): boolean {
  return status === 'enabled' && (types.includes('*') || types.includes(type));
}

function forgetOldEvents({ store }: Account): void {
  const old = store.list('event').slice(0, -MAX_EVENTS);
  const forgotten = new Set(old.map(({ id }) => id));
  for (const id of forgotten) store.remove('event', id);
  for (const { id, event } of forgotten.size > 0 ? store.list('delivery') : []) {
    if (!forgotten.has(event)) continue;
    store.remove('delivery', id);
    store.remove('due_delivery', id);
  }
}
