import type { ApolloServerPlugin } from '@apollo/server';
import type { Metrics } from '@tessera/service-kit/service';
import { boundedTokens, type Collected, type GatewayContext } from '../execution/context.ts';

const COMMITTED_HEADER = 'tessera-committed';

/** Writes what the subgraphs told beside their data into the answer: `extensions.idempotency`, `extensions.stale`, `Tessera-Committed`. */
export const answerPlugin: ApolloServerPlugin<GatewayContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response, contextValue: { collected } }) => {
      const committed = boundedTokens(collected.committed);
      if (committed) response.http.headers.set(COMMITTED_HEADER, committed);
      if (response.body.kind !== 'single') return;
      const { singleResult } = response.body;
      const extensions = { ...singleResult.extensions, ...extensionsOf(collected) };
      if (Object.keys(extensions).length > 0) singleResult.extensions = extensions;
    },
  }),
};

/** `replayed` is true when every mutation field was answered from a stored outcome; `fields` tells for each. */
function extensionsOf({ replayed, isStale }: Collected): Record<string, unknown> {
  const states = Object.values(replayed);
  return {
    ...(states.length > 0 ? { idempotency: { replayed: states.every(Boolean), fields: { ...replayed } } } : {}),
    ...(isStale ? { stale: true } : {}),
  };
}

/** Rate, errors and duration by kind of operation; names are the client's, and would be unbounded labels. */
export function metricsPlugin(metrics: Metrics): ApolloServerPlugin<GatewayContext> {
  const duration = metrics.histogram({
    name: 'tessera_gateway_operation_seconds',
    help: 'How long operations take, by kind and outcome.',
    labelNames: ['operation', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  return {
    requestDidStart: async () => {
      const startedAt = performance.now();
      return {
        willSendResponse: async ({ operation, response }) => {
          const hasErrors = response.body.kind === 'single' && (response.body.singleResult.errors?.length ?? 0) > 0;
          duration.observe(
            { operation: operation?.operation ?? 'unknown', outcome: hasErrors ? 'errors' : 'ok' },
            (performance.now() - startedAt) / 1_000,
          );
        },
      };
    },
  };
}
