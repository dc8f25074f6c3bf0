import type { Route } from '@tessera/service-kit/service';
import type { Platform, Worker } from '@tessera/service-kit/subgraph';
import { actOfWorker, type PaymentsServices } from '../services.ts';
import type { Loop } from './loop.ts';
import { createEventPoller } from './poll-events.ts';
import { purgeWebhooks } from './purge-webhooks.ts';
import { createWebhookMetrics } from './webhook-metrics.ts';
import { webhookRoute } from './webhook-route.ts';
import { createWebhookWorker } from './webhook-worker.ts';

const PURGE_INTERVAL_MS = 600_000;

export interface Webhooks {
  readonly routes: readonly Route[];
  /** To be started and closed by whoever mounts them. */
  readonly loops: readonly Loop[];
  readonly workers: readonly Worker[];
}

/** All that hears from providers: the way in, the work on what came in, and the look at what did not. */
export function createWebhooks({ orm, metrics: registry }: Pick<Platform, 'orm' | 'metrics'>, services: PaymentsServices): Webhooks {
  const metrics = createWebhookMetrics(registry);
  const worker = createWebhookWorker({ orm, services, metrics });
  const parts = { orm, services, metrics, wake: () => worker.wake() };
  return {
    routes: [webhookRoute(parts)],
    loops: [worker, createEventPoller(parts)],
    workers: [{ name: 'purge-webhooks', intervalMs: PURGE_INTERVAL_MS, run: (unit) => purgeWebhooks(actOfWorker(unit, services)) }],
  };
}
