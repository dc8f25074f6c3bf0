import { operationFromDocument } from '@apollo/federation-internals';
import type { GraphQLDataSource } from '@apollo/gateway';
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import type { Logger } from '@tessera/service-kit/service';
import { execute, type FragmentDefinitionNode, type GraphQLSchema, Kind, parse } from 'graphql';
import type { GatewayContext } from '../execution/context.ts';
import { withinBounds } from '../execution/operation/plan-operation.ts';
import { type ExecutablePlan, executable } from '../execution/plan/plan-nodes.ts';
import { tidy } from '../execution/tidy-result.ts';
import type { LoadedSupergraph } from '../supergraph/load-supergraph.ts';
import type { PlanSubscription, ValidSubscription } from './hydrate.ts';

type RequestContext = Parameters<typeof executeQueryPlan>[2];

/** With the stock executor, which refuses the plan of a subscription as it is. */
export function createStockHydration({ dataSources }: LoadedSupergraph, log: Logger): PlanSubscription {
  const known = new WeakMap<ValidSubscription, ExecutablePlan>();
  return (subscription, { schema, apiSchema, supergraphSchema, planner }) => {
    const { query, document, operation } = subscription;
    const plan =
      known.get(subscription) ?? executable(withinBounds(() => planner.buildQueryPlan(operationFromDocument(apiSchema, document))));
    known.set(subscription, plan);
    const fragments: Record<string, FragmentDefinitionNode> = Object.create(null); // names are the client's
    for (const each of document.definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) fragments[each.name.value] = each;
    const operationName = operation.name?.value;
    return async (variables, context) => {
      const request = {
        request: { query, variables, ...(operationName ? { operationName } : {}) },
        context,
        metrics: {},
        schema,
        document,
        source: query,
      } as unknown as RequestContext; // the executor reads nothing else of what Apollo Server would give it
      const ofClient = { schema, operation, fragments };
      return tidy(await executeQueryPlan(plan, dataSources, request, ofClient, supergraphSchema, apiSchema), log);
    };
  };
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
