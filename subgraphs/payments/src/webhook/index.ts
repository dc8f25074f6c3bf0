import { WebhookEntity } from './webhook.entity.ts';

export { createWebhooks, type Webhooks } from './create-webhooks.ts';

export const webhookEntities = [WebhookEntity];
