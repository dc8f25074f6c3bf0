import type { PlanNode, QueryPlan } from '@apollo/query-planner';
import { unreachable } from '@tessera/service-kit/errors';

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

/** The nodes right below one. Of deferred parts none: they are refused when the plan is compiled. */
export function childrenOf(node: PlanNode): readonly PlanNode[] {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes;
    case 'Flatten':
      return [node.node];
    case 'Condition':
      return [node.ifClause, node.elseClause].filter((each) => each !== undefined);
    case 'Fetch':
    case 'Defer':
      return [];
    default:
      return unreachable(node);
  }
}

/** The same node with others in the place of those right below it. */
export function mapChildren(node: PlanNode, change: (child: PlanNode) => PlanNode): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map(change) };
    case 'Flatten':
      return { ...node, node: change(node.node) };
    case 'Condition': {
      const { ifClause, elseClause } = node;
      return { ...node, ...(ifClause ? { ifClause: change(ifClause) } : {}), ...(elseClause ? { elseClause: change(elseClause) } : {}) };
    }
    case 'Fetch':
    case 'Defer':
      return node;
    default:
      return unreachable(node);
  }
}
