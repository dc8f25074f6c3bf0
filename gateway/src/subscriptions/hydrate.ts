import type { Logger } from '@tessera/service-kit/service';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { GatewayContext } from '../execution/context.ts';
import type { ExecutorResult } from '../execution/executor.ts';
import type { Ask } from '../execution/plan/run.ts';
import { type Compile, toResult } from '../execution/tessera-executor.ts';
import { withObjects } from '../execution/text-data.ts';
import type { Planning } from '../supergraph/load-supergraph.ts';

/** A subscription without mistakes. */
export interface ValidSubscription {
  readonly query: string;
  /** Of the query. */
  readonly hash: string;
  /** Holds this operation alone. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** Answers one event: its own fields from the context, everything else from the subgraphs. */
export type Hydrate = (variables: Readonly<Record<string, unknown>>, context: GatewayContext) => Promise<ExecutorResult>;

/** Plans what every event of a subscription is answered by, where that is not known; throws `TesseraError` where it cannot be. */
export type PlanSubscription = (subscription: ValidSubscription, planning: Planning) => Hydrate;

/** As queries are planned, compiled, kept and executed. */
export function createHydration(compile: Compile, ask: Ask, log: Logger): PlanSubscription {
  return ({ hash, document, operation }, planning) => {
    const compiled = compile(planning, document, hash, operation);
    return async (variables, context) => withObjects(toResult(await compiled.run(variables, ask, context), undefined, log));
  };
}
