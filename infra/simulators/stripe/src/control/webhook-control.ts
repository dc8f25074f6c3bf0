import type { Account } from '../account/account.ts';
import { expectRecord } from '../objects/records.ts';
import { createWebhookEndpoint } from '../objects/webhook-endpoints.ts';
import type { Dispatcher } from '../webhooks/dispatcher.ts';
import { putDelivery } from '../webhooks/events.ts';
import type { DeliveryKind, DeliveryRecord } from '../webhooks/types.ts';
import { type Delivery, SimulatorError } from './types.ts';

const OVERLAP_MS = 24 * 3_600_000;

export interface ConfiguredWebhook {
  readonly url: string;
  readonly secret: string;
}

/** One endpoint for all events: that of the URL, or the one that was configured before, or a new one. */
export function configureWebhook(account: Account, { url, secret }: ConfiguredWebhook, before: ConfiguredWebhook | undefined): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new SimulatorError('url_invalid', `Not an http or https URL: ${url}`);
  if (secret.trim() === '') throw new SimulatorError('secret_empty', 'The secret of a webhook cannot be empty.');
  const { store } = account;
  const endpoints = store.list('webhook_endpoint');
  const found = endpoints.find((one) => one.url === url) ?? endpoints.find((one) => one.url === before?.url);
  if (!found) {
    createWebhookEndpoint(account, { url, secret, description: 'Configured' });
    return;
  }
  store.put('webhook_endpoint', { ...found, url });
  store.put('endpoint_secret', { id: found.id, secret, previous: null });
}

/** Of the configured endpoint, or the only one there is. */
export function rotateSecret(account: Account, configured: ConfiguredWebhook | undefined): string {
  const { store, clock, ids } = account;
  const endpoints = store.list('webhook_endpoint');
  const endpoint = endpoints.find((one) => one.url === configured?.url) ?? endpoints[0];
  const old = endpoint && store.get('endpoint_secret', endpoint.id);
  if (!old) throw new SimulatorError('no_webhook', 'There is no webhook endpoint whose secret could be rotated.');
  const secret = ids.next('whsec');
  store.put('endpoint_secret', { id: old.id, secret, previous: { secret: old.secret, until_ms: clock.nowMs() + OVERLAP_MS } });
  return secret;
}

/** Sends an event to every endpoint now, outside of its schedule and even while it is held, and waits for the outcome. */
export async function sendAgain(
  account: Account,
  dispatcher: Dispatcher,
  eventId: string,
  kind: Extract<DeliveryKind, 'RESEND' | 'FORGED'>,
  times: number,
): Promise<readonly Delivery[]> {
  const sent = account.store.transaction(() => {
    const event = expectRecord(account, 'event', eventId);
    const endpoints = account.store.list('webhook_endpoint').filter(({ status }) => status === 'enabled');
    return endpoints.flatMap((endpoint) => Array.from({ length: times }, () => putDelivery(account, event, endpoint, kind).id));
  });
  await dispatcher.deliverNow(({ id }) => sent.includes(id));
  return sent.flatMap((id) => {
    const delivery = account.store.get('delivery', id);
    return delivery ? [toDelivery(account, delivery)] : [];
  });
}

export function toDelivery({ store }: Account, record: DeliveryRecord): Delivery {
  const { id, kind, event, type, endpoint, url, state } = record;
  const dueMs = store.get('due_delivery', id)?.at_ms;
  return {
    id,
    kind,
    event,
    type,
    endpoint,
    url,
    state,
    attempts: record.attempts.map(({ at_ms: atMs, status, error, duration_ms: durationMs }) => ({
      at: new Date(atMs).toISOString(),
      status,
      error,
      durationMs,
    })),
    nextAttemptAt: dueMs === undefined ? null : new Date(dueMs).toISOString(),
  };
}
