import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import type { Logger } from '@tessera/service-kit/service';
import type { SubgraphAnswer, SubgraphRequest } from '@tessera/service-kit/subgraph';
import { type OperationDefinitionNode, parse } from 'graphql';
import type { GatewayContext } from '../execution/context.ts';
import { errorsOf } from '../execution/data/read-answer.ts';
import type { FetchObserver } from '../telemetry/fetches.ts';
import { faultErrors } from './fault.ts';
import { collect, fetchContextOf, timeLeft } from './fetch-context.ts';
import { SubgraphUnreachable, type Transport } from './transport.ts';

const MAX_CACHED_FETCHES = 2_000;

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
        if (!transport) throw new SubgraphUnreachable(`${name} is not connected`);
        const answer = await askWithSession(transport, request, timeLeft(context), context);
        collect(answer, context);
        const response = toResponse(answer);
        finish('answered');
        return response;
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
    ...fetchContextOf(context),
  };
}

/** Extensions stay here: the executor would drop them anyway. */
function toResponse({ data, errors: given }: SubgraphAnswer): GatewayResponse {
  const errors = errorsOf(given);
  return { data: data ?? null, ...(errors.length > 0 ? { errors } : {}) } as GatewayResponse; // as above
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
