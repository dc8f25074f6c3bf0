import { operationFromDocument } from '@apollo/federation-internals';
import { TesseraError } from '@tessera/service-kit/errors';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { rootNamesOf, withRootFields } from '../../access/root-fields.ts';
import type { Planning } from '../../supergraph/load-supergraph.ts';
import { type ExecutablePlan, executable } from '../plan/plan-nodes.ts';
import { splitRequirements } from '../plan/split-requirements.ts';
import { isAboutSchema } from '../shape/compile-shape.ts';
import { exactLiterals } from './exact-literals.ts';
import { withoutLiteralConditions } from './literal-conditions.ts';
import { operationIn } from './one-operation.ts';
import { setApart } from './set-apart.ts';

type KeyOf = (key: string) => string;

/** An operation and its plan, with names that keep the client's apart from what subgraphs require. */
export interface PlannedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly plan: ExecutablePlan;
  /** The key of the answer for a key of the document. */
  readonly keyOf: KeyOf;
  /** The same for the path of an error, where names may stand that only the plan has; null where no key is another. */
  readonly pathKeyOf: KeyOf | null;
}

/** Plans a document of one operation, of any kind; throws `OPERATION_NOT_ALLOWED` where the planner gives up. */
export function planOperation(asked: DocumentNode, planning: Planning): PlannedOperation {
  const { document, keyOf, isChanged } = setApart(asked, planning.schema, planning.requiredWithArguments);
  const operation = operationIn(document);
  const planned = planOf(document, planning);
  const pathKeyOf = isChanged ? keyOf : null;
  if (planning.requiredWithArguments.size === 0) return { document, operation, plan: planned, keyOf, pathKeyOf };
  const { plan, names } = splitRequirements(planned, planning.supergraphSchema);
  if (names.size === 0) return { document, operation, plan, keyOf, pathKeyOf };
  return { document, operation, plan, keyOf, pathKeyOf: (key) => names.get(key) ?? keyOf(key) };
}

/** How the planner says that its bounds are reached; held by a test. */
const BEYOND_BOUNDS = /^(Too many options generated|Number of non-local selections exceeds|Exceeded maximum recursive selections)/;

function planOf(asked: DocumentNode, { planner, apiSchema, schema }: Planning): ExecutablePlan {
  const ofSubgraphs = withoutSchemaFields(asked);
  if (!ofSubgraphs) return { kind: 'QueryPlan' };
  const { document, restore } = exactLiterals(withoutLiteralConditions(ofSubgraphs), schema);
  return restore(executable(withinBounds(() => planner.buildQueryPlan(operationFromDocument(apiSchema, document)))));
}

/** Says it to the client where the planner gives up. */
export function withinBounds<T>(plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (error instanceof Error && BEYOND_BOUNDS.test(error.message))
      throw new TesseraError(
        'OPERATION_NOT_ALLOWED',
        'The operation could be answered in too many ways: ask for less at once.',
        {},
        { cause: error },
      );
    throw error;
  }
}

/** The planner takes root fields about the schema out, but not out of every fragment. Null where nothing else is asked for. */
function withoutSchemaFields(document: DocumentNode): DocumentNode | null {
  const operation = operationIn(document);
  if (!rootNamesOf(document, operation).some(isAboutSchema)) return document;
  return withRootFields(document, operation, ({ name }) => !isAboutSchema(name.value));
}
