import type { Logger } from '@tessera/service-kit/service';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { GatewayContext } from '../execution/context.ts';
import type { ExecutorResult } from '../execution/executor.ts';
import { compileOperation } from '../execution/operation/compile-operation.ts';
import type { Ask } from '../execution/plan/run.ts';
import { toResult } from '../execution/tessera-executor.ts';
import { withObjects } from '../execution/text-data.ts';
import type { Planning } from '../supergraph/load-supergraph.ts';

/** A subscription without mistakes. */
export interface ValidSubscription {
  readonly query: string;
  /** Holds this operation alone. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** Answers one event: its own fields from the context, everything else from the subgraphs. */
export type Hydrate = (variables: Readonly<Record<string, unknown>>, context: GatewayContext) => Promise<ExecutorResult>;

/** Plans what every event of a subscription is answered by; throws `TesseraError` where that cannot be. */
export type PlanSubscription = (subscription: ValidSubscription, planning: Planning) => Hydrate;

/** As queries are planned, compiled and executed. */
export function createHydration(ask: Ask, log: Logger): PlanSubscription {
  return ({ document, operation }, planning) => {
    const compiled = compileOperation(document, operation.name?.value, planning);
    return async (variables, context) => withObjects(toResult(await compiled.run(variables, ask, context), undefined, log));
  };
}
