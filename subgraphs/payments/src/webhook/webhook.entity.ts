import { defineEntity, p } from '@mikro-orm/core';
import type { EventSubject } from '../provider/provider-adapter.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { WebhookState } from './webhook.ts';

/** What is kept of an event: what is to be read again, whose request brought it, and its id, type, time and object at the provider. */
export interface WebhookPayload {
  readonly subject: EventSubject;
  readonly traceparent: string | null;
  readonly event: Readonly<Record<string, unknown>>;
}

const webhookSchema = defineEntity({
  name: 'Webhook',
  tableName: 'webhook_inbox',
  properties: {
    provider: p.string().$type<ProviderName>().primary(),
    eventId: p.string().primary(),
    type: p.string(),
    objectId: p.string().nullable(),
    payload: p.json<WebhookPayload>(),
    /** How we heard of it: told, or found in the provider's list. */
    source: p.string().$type<'WEBHOOK' | 'POLL'>(),
    state: p.string().$type<WebhookState>(),
    tries: p.integer(),
    receivedAt: p.datetime(),
    dueAt: p.datetime().nullable(),
    settledAt: p.datetime().nullable(),
    note: p.string().nullable(),
  },
});

/** An event of a provider, kept before it is answered. */
export class WebhookEntity extends webhookSchema.class {}
webhookSchema.setClass(WebhookEntity);
