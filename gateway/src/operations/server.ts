import type { ApolloGateway } from '@apollo/gateway';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { InvariantViolation } from '@tessera/service-kit/errors';
import type { Logger } from '@tessera/service-kit/service';
import { guardExecutor } from '../access/guard-executor.ts';
import type { AccessRules } from '../access/rules.ts';
import type { GatewayContext } from '../execution/context.ts';
import type { Executor } from '../execution/executor.ts';
import { tidy } from '../execution/tidy-result.ts';
import { CLIENT_HEADER } from '../identity/web-session.ts';
import { publicError } from '../resilience/error-table.ts';
import { apolloLogger } from '../supergraph/load-supergraph.ts';

const PERSISTED_SECONDS = 86_400;

export interface ServerParts {
  readonly gateway: ApolloGateway;
  readonly rules: AccessRules;
  readonly plugins: readonly ApolloServerPlugin<GatewayContext>[];
  readonly isProduction: boolean;
  readonly log: Logger;
}

/** Apollo Server over the supergraph, without a network of its own: our adapter hands it requests. Its cache of persisted operations is bounded. */
export function createServer({ gateway, rules, plugins, isProduction, log }: ServerParts): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    gateway: guarded(gateway, rules),
    logger: apolloLogger(log),
    cache: 'bounded',
    persistedQueries: { ttl: PERSISTED_SECONDS },
    introspection: !isProduction,
    csrfPrevention: { requestHeaders: [CLIENT_HEADER, 'apollo-require-preflight', 'x-apollo-operation-name'] },
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: (formatted, cause) => publicError(formatted, cause, log),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ...plugins,
    ],
  });
}

/** The stock gateway with access rules before its executor. This is the seam for an executor of our own. */
function guarded(gateway: ApolloGateway, rules: AccessRules) {
  return {
    onSchemaLoadOrUpdate: gateway.onSchemaLoadOrUpdate.bind(gateway),
    load: async (options: Parameters<ApolloGateway['load']>[0]) => {
      const { executor } = await gateway.load(options);
      const tidied: Executor = async (request) => tidy(await executor(request));
      return { executor: guardExecutor(tidied, rules, () => schemaOf(gateway)) };
    },
    stop: () => gateway.stop(),
  };
}

function schemaOf({ schema }: ApolloGateway) {
  if (!schema) throw new InvariantViolation('The supergraph is not loaded yet.');
  return schema;
}
