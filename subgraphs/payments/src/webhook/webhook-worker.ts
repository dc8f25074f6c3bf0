import { randomUUID } from 'node:crypto';
import { unitOfWork } from '@tessera/service-kit/messaging';
import type { MikroORM } from '@tessera/service-kit/persistence';
import { actOfWorker, type PaymentsServices } from '../services.ts';
import { createLoop, type Loop } from './loop.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';
import { WEBHOOK_BATCH, workWebhooks } from './work-webhooks.ts';

/** Only for what is parked, and for what another process kept before it died: what arrives here is worked on at once. */
const INTERVAL_MS = 500;

export interface WebhookWorkerParts {
  readonly orm: MikroORM;
  readonly services: PaymentsServices;
  readonly metrics: WebhookMetrics;
}

/** Works on the inbox, woken by the route. Replicas share the work. */
export function createWebhookWorker({ orm, services, metrics }: WebhookWorkerParts): Loop {
  const round = async (): Promise<boolean> => {
    const origin = { actor: 'service:payments', correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
    const { result: worked } = await unitOfWork(orm.em, origin, (unit) => workWebhooks(actOfWorker(unit, services)));
    if (worked.length === 0) return false;
    services.crashPoint('payments.webhook.worked');
    for (const { provider, state } of worked) metrics.worked.inc({ provider, state });
    return worked.length === WEBHOOK_BATCH;
  };
  return createLoop({ name: 'work-webhooks', intervalMs: INTERVAL_MS, log: services.log, round });
}
