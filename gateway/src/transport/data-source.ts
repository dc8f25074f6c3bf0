import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import type { Logger } from '@tessera/service-kit/service';
import type { SubgraphAnswer, SubgraphRequest } from '@tessera/service-kit/subgraph';
import { type OperationDefinitionNode, parse } from 'graphql';
import { type GatewayContext, seenBy } from '../execution/context.ts';
import type { FetchObserver } from '../telemetry/fetches.ts';
import { faultErrors } from './fault.ts';
import { SubgraphTimeout, SubgraphUnreachable, type Transport } from './transport.ts';

const FETCH_TIMEOUT_MS = 5_000;
const MAX_CACHED_FETCHES = 2_000;
const MAX_COMMITTED_TOKENS = 16;

type GatewayResponse = Awaited<ReturnType<GraphQLDataSource['process']>>;

export interface DataSourceParts {
  readonly name: string;
  /** Undefined for a subgraph that this deployment has not: its fields are null with an error. */
  readonly transport: Transport | undefined;
  readonly log: Logger;
  readonly observe: FetchObserver;
}

/**
 * One subgraph as the executor sees it. Identity, trace, idempotency key and what must have been seen go out with every fetch; committed events,
 * replays and staleness come back into the context of the operation. Never rejects: a fault becomes errors with the paths that stay null.
 */
export function subgraphDataSource({ name, transport, log, observe }: DataSourceParts): GraphQLDataSource {
  return {
    process: async (options) => {
      const context = options.context as GatewayContext; // put there by our own HTTP and socket adapters
      const request = requestOf(options, context);
      const finish = observe(name);
      try {
        const timeoutMs = Math.min(FETCH_TIMEOUT_MS, context.deadlineAt - Date.now());
        if (!transport) throw new SubgraphUnreachable(`${name} is not connected`);
        if (timeoutMs <= 0) throw new SubgraphTimeout('the time of the request is up');
        const answer = await askWithSession(transport, request, timeoutMs, context);
        collect(answer, context);
        finish('answered');
        return toResponse(answer);
      } catch (error) {
        finish('failed');
        return { errors: faultErrors(error, name, pathsOf(request), log), data: null } as GatewayResponse; // errors only need to look like GraphQLError
      }
    },
  };
}

function askWithSession(
  transport: Transport,
  request: SubgraphRequest,
  timeoutMs: number,
  { webSession }: GatewayContext,
): Promise<SubgraphAnswer> {
  const ask = (sent: SubgraphRequest) => transport.execute(sent, timeoutMs);
  return webSession ? webSession.exchange(request, ask) : ask(request);
}

function requestOf({ request }: GraphQLDataSourceProcessOptions, context: GatewayContext): SubgraphRequest {
  return {
    query: request.query ?? '',
    variables: request.variables ?? {},
    operationName: request.operationName,
    viewer: context.viewer,
    requestId: context.requestId,
    traceparent: context.traceparent,
    idempotencyKey: context.idempotencyKey,
    seen: seenBy(context),
  };
}

function collect(answer: SubgraphAnswer, { collected }: GatewayContext): void {
  if (answer.committed && collected.committed.length < MAX_COMMITTED_TOKENS) collected.committed.push(answer.committed);
  if (answer.extensions?.stale === true) collected.isStale = true;
  const replayed = (answer.extensions?.idempotency as { replayed?: unknown } | undefined)?.replayed; // shape checked below
  if (typeof replayed !== 'object' || replayed === null) return;
  for (const [key, value] of Object.entries(replayed)) if (typeof value === 'boolean') collected.replayed[key] = value;
}

/** Extensions stay here: the executor would drop them anyway. */
function toResponse({ data, errors }: SubgraphAnswer): GatewayResponse {
  return { data: data ?? null, ...(errors && errors.length > 0 ? { errors } : {}) } as GatewayResponse; // as above
}

const rootKeys = new Map<string, readonly string[]>();

/** Where the answer of this fetch would have gone: its root fields, or each entity that was asked for. */
function pathsOf({ query, variables }: SubgraphRequest): (string | number)[][] {
  const representations = variables?.representations;
  if (Array.isArray(representations)) return representations.map((_, index) => ['_entities', index]);
  return rootKeysOf(query).map((key) => [key]);
}

function rootKeysOf(query: string): readonly string[] {
  const known = rootKeys.get(query);
  if (known) return known;
  const operation = parse(query).definitions.find((each): each is OperationDefinitionNode => each.kind === 'OperationDefinition');
  const keys = (operation?.selectionSet.selections ?? []).flatMap((each) =>
    each.kind === 'Field' ? [each.alias?.value ?? each.name.value] : [],
  );
  if (rootKeys.size >= MAX_CACHED_FETCHES) rootKeys.delete(rootKeys.keys().next().value ?? '');
  rootKeys.set(query, keys);
  return keys;
}
