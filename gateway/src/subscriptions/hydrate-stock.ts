import type { GraphQLDataSource } from '@apollo/gateway';
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import type { Logger } from '@tessera/service-kit/service';
import { execute, type FragmentDefinitionNode, type GraphQLSchema, Kind, parse } from 'graphql';
import type { GatewayContext } from '../execution/context.ts';
import type { ExecutorResult } from '../execution/executor.ts';
import { tidy } from '../execution/tidy-result.ts';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.ts';
import type { Hydrate } from './hydrate.ts';
import type { PreparedSubscription } from './prepare.ts';

type RequestContext = Parameters<typeof executeQueryPlan>[2];

/** With the stock executor. */
export function createStockHydration(supergraph: LoadedSupergraph, log: Logger): Hydrate {
  return async (prepared, context) => tidy(await hydrate(prepared, context, supergraph), log);
}

async function hydrate(
  prepared: PreparedSubscription,
  context: GatewayContext,
  { dataSources, planning }: LoadedSupergraph,
): Promise<ExecutorResult> {
  const { schema, apiSchema, supergraphSchema } = planning();
  const { query, document, operation, plan, variables } = prepared;
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null); // names are the client's
  for (const each of document.definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) fragments[each.name.value] = each;
  const operationName = operation.name?.value;
  const request = {
    request: { query, variables, ...(operationName ? { operationName } : {}) },
    context,
    metrics: {},
    schema,
    document,
    source: query,
  } as unknown as RequestContext; // the executor reads nothing else of what Apollo Server would give it
  return executeQueryPlan(plan, dataSources, request, { schema, operation, fragments }, supergraphSchema, apiSchema);
}

/** The abstract events subgraph: answers the primary fetch of a subscription from the event in the context. */
export function eventDataSource(schemaOf: () => GraphQLSchema): GraphQLDataSource {
  return {
    process: async ({ request, context }) => {
      const { liveEvent } = context as GatewayContext; // put there by `hydrate`
      const answer = await execute({
        schema: schemaOf(),
        document: parse(request.query ?? '', { noLocation: true }),
        rootValue: liveEvent,
        variableValues: request.variables ?? {},
      });
      return answer as Awaited<ReturnType<GraphQLDataSource['process']>>; // data and errors are all that the executor reads
    },
  };
}
