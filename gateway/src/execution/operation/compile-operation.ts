import { type DocumentNode, execute, GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { withRootFields } from '../../access/root-fields.ts';
import type { Planning } from '../../supergraph/load-supergraph.ts';
import type { CodeMeter } from '../data/generated-code.ts';
import { type WireText, wireJson } from '../data/wire.ts';
import { compilePlan, type FormOf } from '../plan/compile-plan.ts';
import { conditionsThatMayBeNull } from '../plan/condition.ts';
import type { Ask, Run } from '../plan/run.ts';
import { clientShape, compileShape, isAboutSchema } from '../shape/compile-shape.ts';
import { lossTeller } from '../shape/losses.ts';
import { outlinesOf } from '../shape/outlines.ts';
import { oneOperation, operationIn } from './one-operation.ts';
import { withOwnVariables } from './own-variables.ts';
import { type PlannedOperation, planOperation } from './plan-operation.ts';

/** One operation, planned and compiled. */
export interface CompiledOperation {
  /** Variables that their type lets be null, and a condition does not. */
  readonly neverNull: readonly string[];
  /** Carries out the plan and prints what it brought. Rejects for nothing that a subgraph does. */
  run(variables: Readonly<Record<string, unknown>>, ask: Ask, context: unknown): Promise<OperationResult>;
  /** Generates at once what else would be at its first use; `formOf` says how a subgraph answers. */
  prepare(formOf: FormOf): void;
  /** Grows where functions are generated at their first use. */
  readonly meter: CodeMeter;
}

export interface OperationResult {
  /** Null where null has spread to the root. */
  readonly data: WireText | null;
  readonly errors: readonly GraphQLError[];
  /** What those of the errors bear that are in words of our own, for the log; null where there are none. */
  readonly errorId: string | null;
}

export function compileOperation(given: DocumentNode, name: string | undefined, planning: Planning): CompiledOperation {
  const asked = oneOperation(given, name);
  const { document, valuesOf } = withOwnVariables(asked);
  const compiled = compilePlanned(planOperation(document, planning), planning);
  if (document === asked) return compiled;
  return {
    ...compiled,
    neverNull: conditionsThatMayBeNull(asked, operationIn(asked)),
    run: (variables, ask, context) => compiled.run(valuesOf(variables), ask, context),
  };
}

/** Of a plan that is already there. */
export function compilePlanned({ document, operation, plan, keyOf, pathKeyOf }: PlannedOperation, planning: Planning): CompiledOperation {
  const meter: CodeMeter = { characters: 0 };
  const asked = clientShape({ document, operation, schema: planning.schema, keyOf });
  const outlines = outlinesOf(asked.type, asked.sets, asked);
  const { step, places, prepare } = compilePlan(plan, {
    operation,
    schema: planning.supergraphSchema,
    conditions: asked.conditions,
    meter,
    outlines,
  });
  const shape = compileShape(asked, places, meter);
  if (!step && shape.needsPlan) throw new GraphQLError('No subgraph can answer this.', { extensions: { code: 'INTERNAL' } });
  const tellLosses = lossTeller(asked, places);
  const answerAboutSchema = introspector(document, operation, planning.schema);
  return {
    neverNull: conditionsThatMayBeNull(document, operation),
    meter,
    prepare: (formOf) => {
      prepare(formOf);
      shape.prepare();
    },
    run: async (variables, ask, context) => {
      const run: Run = {
        root: {},
        errors: [],
        errorId: null,
        lacking: new Set(),
        variables,
        conditions: shape.conditions.evaluate(variables),
        context,
        ask,
        found: [],
        variableTexts: new Map(),
        asked: new Map(),
      };
      if (step) await step(run);
      const { text, isLessThanAnswered } = shape.print(run.root, run.conditions, answerAboutSchema(variables));
      if (isLessThanAnswered) tellLosses(run);
      const errors = pathKeyOf ? run.errors.map((error) => withKeys(error, pathKeyOf)) : run.errors;
      return { data: text, errors, errorId: run.errorId };
    },
  };
}

/** The path as the client knows it. */
function withKeys(error: GraphQLError, keyOf: PlannedOperation['keyOf']): GraphQLError {
  const { message, path, extensions, originalError } = error;
  if (!path) return error;
  return new GraphQLError(message, {
    path: path.map((part) => (typeof part === 'string' ? keyOf(part) : part)),
    extensions,
    originalError: originalError ?? null,
  });
}

const NO_TEXT: ReadonlyMap<string, WireText> = new Map();

/** Root fields about the schema need no plan: the schema answers them. */
function introspector(document: DocumentNode, operation: OperationDefinitionNode, schema: GraphQLSchema) {
  const asked = withRootFields(document, operation, ({ name }) => isAboutSchema(name.value));
  if (!asked) return () => NO_TEXT;
  return (variables: Readonly<Record<string, unknown>>): ReadonlyMap<string, WireText> => {
    const result = execute({ schema, document: asked, variableValues: variables });
    if (result instanceof Promise) throw new TypeError('Introspection is answered at once.');
    return new Map(Object.entries(result.data ?? {}).map(([key, value]) => [key, wireJson(value)]));
  };
}
