import {
  type ApolloServerPlugin,
  type GraphQLRequestContext,
  type GraphQLRequestContextResponseForOperation,
  type GraphQLRequestListener,
  HeaderMap,
} from '@apollo/server';
import type { Logger, Metrics } from '@tessera/service-kit/service';
import { GraphQLError } from 'graphql';
import { boundedTokens, type Collected, type GatewayContext } from '../execution/context.ts';
import type { Executor, ExecutorResult } from '../execution/executor.ts';
import { publicErrorOf } from '../resilience/error-table.ts';
import type { AnswerTypes } from './answer-types.ts';

const COMMITTED_HEADER = 'tessera-committed';

export interface OperationPluginParts {
  /** Null where Apollo Server asks the stock executor itself. */
  readonly executor: Executor | null;
  readonly answerTypes: AnswerTypes;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * Everything of ours between Apollo Server's validation and its answer. The executor answers in `responseForOperation`, which is the shortest way
 * through the server; what the server does behind that hook (formatting and telling of errors, statuses) is done here alike.
 */
export function operationPlugin({ executor, answerTypes, metrics, log }: OperationPluginParts): ApolloServerPlugin<GatewayContext> {
  const observe = observeOperations(metrics);
  const listener: GraphQLRequestListener<GatewayContext> = {
    didResolveOperation: async (context) => refuseUnlessExecutable(context),
    ...(executor ? { responseForOperation: (context) => respond(context, executor, answerTypes, log) } : {}),
    willSendResponse: async (context) => {
      tell(context);
      observe(context);
    },
  };
  return { requestDidStart: async () => listener };
}

/** Refuses over HTTP what is valid but not to be executed there, before an executor answers it in words of its own. */
function refuseUnlessExecutable({ operation, request }: GraphQLRequestContext<GatewayContext>): void {
  if (!operation) throw refused('BAD_USER_INPUT', unknownOperation(request.operationName));
  if (operation.operation === 'subscription')
    throw refused('OPERATION_NOT_ALLOWED', 'Subscriptions go over a WebSocket at this path, with the protocol graphql-transport-ws.');
}

function unknownOperation(name: string | undefined | null): string {
  if (name) return 'The document has no operation of the name in operationName.';
  return 'The document has several operations: name one of them in operationName.';
}

function refused(code: 'BAD_USER_INPUT' | 'OPERATION_NOT_ALLOWED', message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
}

type Response = NonNullable<Awaited<ReturnType<NonNullable<GraphQLRequestListener<GatewayContext>['responseForOperation']>>>>;

async function respond(
  { document, operation, queryHash, request, contextValue }: GraphQLRequestContextResponseForOperation<GatewayContext>,
  executor: Executor,
  answerTypes: AnswerTypes,
  log: Logger,
): Promise<Response> {
  const { operationName, variables, http } = request;
  const asked = { document, operation, queryHash: queryHash ?? '', context: contextValue, request: { operationName, variables } };
  const { result, status } = await executor(asked).then(statedBy, failed);
  const { data, errors = [] } = result;
  const type = answerTypes.typeFor(http?.headers.get('accept'));
  return {
    http: { ...(status === undefined ? {} : { status }), headers: new HeaderMap(type ? [['content-type', type]] : []) },
    body: {
      kind: 'single',
      singleResult: {
        ...(errors.length > 0 ? { errors: errors.map((error) => publicErrorOf(error, log)) } : {}),
        ...(data === undefined ? {} : { data }),
      },
    },
  };
}

interface Stated {
  readonly result: Pick<ExecutorResult, 'data' | 'errors'>;
  readonly status: number | undefined;
}

const BAD_REQUEST = 400;
const FAULT = 500;

/** As Apollo Server does: what an error says itself; 400 where nothing was executed. */
function statedBy(result: ExecutorResult): Stated {
  const { data, errors = [] } = result;
  if (errors.length === 0) return { result, status: undefined };
  const said = errors.map(({ extensions }) => (extensions?.http as { readonly status?: number } | undefined)?.status).find(Boolean); // our own extension
  return { result, status: said ?? (data === undefined ? BAD_REQUEST : undefined) };
}

function failed(fault: unknown): Stated {
  const error = fault instanceof GraphQLError ? fault : new GraphQLError('The executor failed.', { originalError: fault as Error }); // the table masks it
  return { result: { errors: [error] }, status: FAULT };
}

/** What the subgraphs told beside their data: `extensions.idempotency`, `extensions.stale`, `Tessera-Committed`. */
function tell({ response, contextValue: { collected } }: GraphQLRequestContext<GatewayContext>): void {
  const committed = boundedTokens(collected.committed);
  if (committed) response.http.headers.set(COMMITTED_HEADER, committed);
  const { body } = response;
  if (body?.kind !== 'single') return;
  const told = extensionsOf(collected);
  if (told) body.singleResult.extensions = { ...body.singleResult.extensions, ...told };
}

/** `replayed` is true when every mutation field was answered from a stored outcome; `fields` tells for each. */
function extensionsOf({ replayed, isStale }: Collected): Record<string, unknown> | null {
  const states = Object.values(replayed);
  if (states.length === 0 && !isStale) return null;
  return {
    ...(states.length > 0 ? { idempotency: { replayed: states.every(Boolean), fields: { ...replayed } } } : {}),
    ...(isStale ? { stale: true } : {}),
  };
}

/** Rate, errors and duration by kind of operation; names are the client's, and would be unbounded labels. */
function observeOperations(metrics: Metrics): (context: GraphQLRequestContext<GatewayContext>) => void {
  const duration = metrics.histogram({
    name: 'tessera_gateway_operation_seconds',
    help: 'How long operations take, by kind and outcome.',
    labelNames: ['operation', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const series = new Map<string, ReturnType<typeof duration.labels>>();
  return ({ operation, response: { body }, contextValue: { startedAt } }) => {
    const hasErrors = body?.kind === 'single' && (body.singleResult.errors?.length ?? 0) > 0;
    const labels = { operation: operation?.operation ?? 'unknown', outcome: hasErrors ? 'errors' : 'ok' };
    const key = labels.operation + labels.outcome;
    const known = series.get(key) ?? duration.labels(labels);
    series.set(key, known); // four kinds, two outcomes
    known.observe((performance.now() - startedAt) / 1_000);
  };
}
