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
import type { FormattedExecutionResult } from 'graphql';
import { guardExecutor } from '../access/guard-executor.ts';
import type { AccessRules } from '../access/rules.ts';
import type { GatewayContext } from '../execution/context.ts';
import type { Executor } from '../execution/executor.ts';
import { TextData, withObjects } from '../execution/text-data.ts';
import { tidy } from '../execution/tidy-result.ts';
import { CLIENT_HEADER } from '../identity/web-session.ts';
import { publicError } from '../resilience/error-table.ts';
import { apolloLogger } from '../supergraph/load-supergraph.ts';

import { strictPlugin } from './strict-plugin.ts';

const PERSISTED_SECONDS = 86_400;

export interface ServerParts {
  readonly gateway: ApolloGateway;
  /** Default: the stock one of the gateway. */
  readonly executor: Executor | null;
  readonly rules: AccessRules;
  readonly plugins: readonly ApolloServerPlugin<GatewayContext>[];
  readonly isProduction: boolean;
  readonly isStrictHttp: boolean;
  readonly log: Logger;
}

/** Apollo Server over the supergraph, without a network of its own: our adapter hands it requests. Its cache of persisted operations is bounded. */
export function createServer({
  gateway,
  executor,
  rules,
  plugins,
  isProduction,
  isStrictHttp,
  log,
}: ServerParts): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    gateway: guarded(gateway, rules, executor),
    logger: apolloLogger(log),
    cache: 'bounded',
    persistedQueries: { ttl: PERSISTED_SECONDS },
    introspection: !isProduction,
    // A GET carries out queries only, cookies count only with a header of ours, and a body is read only as JSON: the specification's way is safe too.
    csrfPrevention: isStrictHttp ? false : { requestHeaders: [CLIENT_HEADER, 'apollo-require-preflight', 'x-apollo-operation-name'] },
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    stringifyResult,
    formatError: (formatted, cause) => publicError(formatted, cause, log),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ...plugins,
      ...(isStrictHttp ? [strictPlugin] : []),
    ],
  });
}

/** As the server does itself; an answer that already is text is handed to the adapter, past all strings. */
function stringifyResult(value: FormattedExecutionResult): string {
  const { data } = value as { data?: unknown }; // our executor's may be text
  if (data instanceof TextData && data.deliver(value)) return '';
  return `${JSON.stringify(withObjects(value))}\n`;
}

/** The gateway with access rules before the executor, and an executor of our own where there is one. */
function guarded(gateway: ApolloGateway, rules: AccessRules, executor: Executor | null) {
  return {
    onSchemaLoadOrUpdate: gateway.onSchemaLoadOrUpdate.bind(gateway),
    load: async (options: Parameters<ApolloGateway['load']>[0]) => {
      const stock = await gateway.load(options);
      const tidied: Executor = async (request) => tidy(await stock.executor(request));
      return { executor: guardExecutor(executor ?? tidied, rules, () => schemaOf(gateway)) };
    },
    stop: () => gateway.stop(),
  };
}

function schemaOf({ schema }: ApolloGateway) {
  if (!schema) throw new InvariantViolation('The supergraph is not loaded yet.');
  return schema;
}
