import type { PlanNode, QueryPlan } from '@apollo/query-planner';

/** A plan that is carried out from its first node to its last. */
export interface ExecutablePlan extends QueryPlan {
  readonly node?: PlanNode;
}

/** The parts of a subscription's plan are ordinary: the event answers the primary fetch, the rest follows. */
export function executable({ kind, node }: QueryPlan): ExecutablePlan {
  if (!node) return { kind };
  if (node.kind !== 'Subscription') return { kind, node };
  const { primary, rest } = node;
  return { kind, node: rest ? { kind: 'Sequence', nodes: [primary, rest] } : primary };
}
