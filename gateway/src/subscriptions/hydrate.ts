import type { Logger } from '@tessera/service-kit/service';
import type { GatewayContext } from '../execution/context.ts';
import type { ExecutorResult } from '../execution/executor.ts';
import { type CompiledOperation, compilePlanned } from '../execution/operation/compile-operation.ts';
import type { Ask } from '../execution/plan/run.ts';
import { toResult } from '../execution/tessera-executor.ts';
import { withObjects } from '../execution/text-data.ts';
import type { Planning } from '../supergraph/load-supergraph.ts';
import type { PreparedSubscription } from './prepare.ts';

/** Answers one event: its own fields from the context, everything else from the subgraphs, by the plan and the executor of queries. */
export type Hydrate = (prepared: PreparedSubscription, context: GatewayContext) => Promise<ExecutorResult>;

/** With the compiled executor; a plan is compiled at its first event. */
export function createHydration(planning: () => Planning, ask: Ask, log: Logger): Hydrate {
  const compiled = new WeakMap<PreparedSubscription['plan'], CompiledOperation>();
  return async ({ document, operation, plan, variables }, context) => {
    let known = compiled.get(plan);
    if (!known) {
      known = compilePlanned({ document, operation, plan, keyOf: (key) => key, pathKeyOf: null }, planning());
      compiled.set(plan, known);
    }
    return withObjects(toResult(await known.run(variables, ask, context), undefined, log));
  };
}
