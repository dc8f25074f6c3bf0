import type { Metrics } from '@tessera/service-kit/service';

export type WebhookMetrics = ReturnType<typeof createWebhookMetrics>;

/** Made once per subgraph: route, worker and poller count into the same. */
export function createWebhookMetrics(metrics: Metrics) {
  return {
    deliveries: metrics.counter({
      name: 'tessera_payments_webhooks_total',
      help: 'Deliveries of webhooks by what became of them: stored, duplicate, refused, failed.',
      labelNames: ['provider', 'outcome'],
    }),
    worked: metrics.counter({
      name: 'tessera_payments_webhooks_worked_total',
      help: 'Events of providers by the state that they were brought to; DEAD needs a person.',
      labelNames: ['provider', 'state'],
    }),
    gaps: metrics.counter({
      name: 'tessera_payments_webhook_gaps_total',
      help: 'Events that no webhook had told when the list of the provider was read.',
      labelNames: ['provider'],
    }),
  };
}
