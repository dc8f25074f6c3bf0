import type { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { InvariantViolation } from '@tessera/service-kit/errors';
import type { Logger, Metrics } from '@tessera/service-kit/service';
import type { FormattedExecutionResult } from 'graphql';
import { guardExecutor } from '../access/guard-executor.ts';
import type { AccessRules } from '../access/rules.ts';
import type { GatewayContext } from '../execution/context.ts';
import type { Executor, ExecutorRequest } from '../execution/executor.ts';
import { TextData, withObjects } from '../execution/text-data.ts';
import { tidy } from '../execution/tidy-result.ts';
import { CLIENT_HEADER } from '../identity/web-session.ts';
import { publicError } from '../resilience/error-table.ts';
import { apolloLogger } from '../supergraph/load-supergraph.ts';
import type { AnswerTypes } from './answer-types.ts';
import { operationPlugin } from './operation-plugin.ts';
import { strictPlugin } from './strict-plugin.ts';

export interface ServerParts {
  readonly gateway: ApolloGateway;
  /** Default: the stock one of the gateway. */
  readonly executor: Executor | null;
  readonly rules: () => AccessRules;
  /** The text of a document by its hash: those of manifests, and those that were sent lately. */
  readonly textOf: (hash: string) => string | undefined;
  readonly answerTypes: AnswerTypes;
  readonly metrics: Metrics;
  readonly isProduction: boolean;
  readonly isStrictHttp: boolean;
  readonly log: Logger;
}

/** Apollo Server over the supergraph, without a network of its own: our adapter hands it requests. */
export function createServer({
  gateway,
  executor,
  rules,
  textOf,
  answerTypes,
  metrics,
  isProduction,
  isStrictHttp,
  log,
}: ServerParts): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    gateway: executor ? schemaOnly(gateway) : guarded(gateway, rules, log),
    logger: apolloLogger(log),
    cache: 'bounded',
    persistedQueries: { cache: documentsByHash(textOf) },
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
      operationPlugin({
        executor: executor && guardExecutor(executor, rules, () => schemaOf(gateway)),
        answerTypes,
        metrics,
        log,
      }),
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

/** Whoever sends an operation has it remembered by our own admission; the server only reads. */
function documentsByHash(textOf: ServerParts['textOf']) {
  return {
    get: async (key: string) => textOf(key.slice(key.lastIndexOf(':') + 1)),
    set: async () => undefined,
    delete: async () => false,
  };
}

type ServedGateway = NonNullable<ConstructorParameters<typeof ApolloServer>[0]['gateway']>;

/** For an executor that answers in a hook of its own. */
function schemaOnly(gateway: ApolloGateway): ServedGateway {
  return {
    onSchemaLoadOrUpdate: gateway.onSchemaLoadOrUpdate.bind(gateway),
    load: async (options) => {
      await gateway.load(options);
      return { executor: () => Promise.reject(new InvariantViolation('Operations are answered before this.')) };
    },
    stop: () => gateway.stop(),
  };
}

/** The stock executor, with access rules before it. */
function guarded(gateway: ApolloGateway, rules: () => AccessRules, log: Logger): ServedGateway {
  return {
    onSchemaLoadOrUpdate: gateway.onSchemaLoadOrUpdate.bind(gateway),
    load: async (options) => {
      const stock = await gateway.load(options);
      const execute: Executor = (request) => stock.executor(request as Parameters<typeof stock.executor>[0]); // the request of the server, passed on
      const tidied: Executor = async (request) => tidy(await execute(request), log);
      const executor = guardExecutor(tidied, rules, () => schemaOf(gateway));
      return { executor: (request) => executor(request as ExecutorRequest) }; // with an operation: the plugin has seen to that
    },
    stop: () => gateway.stop(),
  };
}

function schemaOf({ schema }: ApolloGateway) {
  if (!schema) throw new InvariantViolation('The supergraph is not loaded yet.');
  return schema;
}
