import { sha256 } from '@tessera/service-kit/crypto';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  isNonNullType,
  type OperationDefinitionNode,
} from 'graphql';
import type { GatewayContext } from '../execution/context.ts';
import type { Executor, ExecutorRequest, ExecutorResult } from '../execution/executor.ts';
import { oneOperation } from '../execution/operation/one-operation.ts';
import { conditionsThatMayBeNull, nullConditionOf } from '../execution/plan/condition.ts';
import { TextData } from '../execution/text-data.ts';
import { MAX_MISTAKES } from '../limits/limits.ts';
import { badVariable } from '../resilience/error-table.ts';
import { compilePlainVariables } from './plain-variables.ts';
import { compileRootFields, rootNamesOf, withoutRootFields } from './root-fields.ts';
import { type AccessRules, refusalOf } from './rules.ts';

/**
 * Puts the variables and the access rules of root fields before an executor: where a variable is wrong, nothing runs. A refused query field is taken
 * out and answered with null and an error, the others run; a mutation with a refused field does not run at all. The subgraphs check again, and they
 * check rows.
 */
export function guardExecutor(execute: Executor, rulesOf: () => AccessRules, schemaOf: () => GraphQLSchema): Executor {
  const guards = new WeakMap<OperationDefinitionNode, Guard>();
  return async (given) => {
    const { document, operation } = given;
    const rules = rulesOf();
    let guard = guards.get(operation);
    const schema = schemaOf();
    if (guard?.rules !== rules || guard.schema !== schema) {
      guard = compileGuard(document, operation, rules, schema);
      guards.set(operation, guard);
    }
    const { coerced = NOTHING, errors } = coercedVariables(given, guard);
    if (errors) return { errors: errors.map(badVariable) };
    const nullCondition = nullConditionOf(guard.neverNull, given.request.variables ?? NOTHING);
    if (nullCondition) return { errors: [nullCondition] };
    if (guard.isOpen) return execute(given);
    const fields = guard.fieldsFor(coerced);
    const refusals = refusalsOf(rules, operation, fields, given);
    if (refusals.size === 0) return execute(given);
    if (operation.operation !== 'query') return { data: null, errors: [...refusals.values()] };
    const rest = await executeRest(execute, given, operation, new Set(refusals.keys()));
    return merge(rest, fields, refusals, schema);
  };
}

/** What about the access to an operation does not depend on who asks. */
interface Guard {
  /** By which it was made. */
  readonly rules: AccessRules;
  readonly schema: GraphQLSchema;
  readonly hasPlain: ReturnType<typeof compilePlainVariables>;
  readonly fieldsFor: ReturnType<typeof compileRootFields>;
  /** Variables that their type lets be null, and a condition does not. */
  readonly neverNull: readonly string[];
  /** Everybody may use all of it. */
  readonly isOpen: boolean;
}

function compileGuard(document: DocumentNode, operation: OperationDefinitionNode, rules: AccessRules, schema: GraphQLSchema): Guard {
  const fieldsFor = compileRootFields(document, operation);
  const names = rootNamesOf(document, operation);
  const typeName = ROOT_TYPES[operation.operation];
  const hasPlain = compilePlainVariables(operation, schema);
  return {
    rules,
    schema,
    hasPlain,
    fieldsFor,
    neverNull: conditionsThatMayBeNull(oneOperation(document, operation.name?.value), operation),
    isOpen: names.every((name) => (rules.get(`${typeName}.${name}`)?.kind ?? 'public') === 'public'),
  };
}

const NOTHING: Readonly<Record<string, unknown>> = {};

interface Variables {
  readonly coerced?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly GraphQLError[];
}

function coercedVariables({ operation, request }: ExecutorRequest, { schema, hasPlain }: Guard): Variables {
  const { variables = NOTHING } = request;
  if (hasPlain(variables)) return { coerced: variables };
  return getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors: MAX_MISTAKES });
}

type Refusals = ReadonlyMap<string, GraphQLError>;
const ROOT_TYPES = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;

function refusalsOf(
  rules: AccessRules,
  operation: OperationDefinitionNode,
  fields: ReadonlyMap<string, FieldNode>,
  request: ExecutorRequest,
): Refusals {
  const { viewer } = request.context as GatewayContext; // put there by our own adapters
  const refusals = new Map<string, GraphQLError>();
  for (const [key, field] of fields) {
    const refusal = refusalOf(rules, ROOT_TYPES[operation.operation], key, field, viewer);
    if (refusal) refusals.set(key, refusal);
  }
  return refusals;
}

/** The plan cache is keyed by the hash of the operation: what is left has a hash of its own. */
function executeRest(execute: Executor, request: ExecutorRequest, operation: OperationDefinitionNode, refused: ReadonlySet<string>) {
  const document = withoutRootFields(request.document, operation, refused);
  if (!document) return Promise.resolve<ExecutorResult>({ data: {} });
  const rest = document.definitions.find(
    (each): each is OperationDefinitionNode => each.kind === 'OperationDefinition' && each.name?.value === operation.name?.value,
  );
  const queryHash = sha256(`${request.queryHash}\n${[...refused].sort().join('\n')}`);
  return execute({ ...request, document, queryHash, operation: rest ?? operation });
}

function merge(rest: ExecutorResult, fields: ReadonlyMap<string, FieldNode>, refusals: Refusals, schema: GraphQLSchema): ExecutorResult {
  const errors = [...refusals.values(), ...(rest.errors ?? [])];
  const types = schema.getQueryType()?.getFields() ?? {};
  const isRefusedAsAWhole = [...refusals.keys()].some((key) => isNonNullType(types[fields.get(key)?.name.value ?? '']?.type));
  if (!rest.data || isRefusedAsAWhole) return { ...rest, data: null, errors };
  return { ...rest, data: pick(rest.data, [...fields.keys()]), errors };
}

/** As the client asked for them; null for what is not there. */
function pick(data: object, keys: readonly string[]): Record<string, unknown> {
  if (data instanceof TextData) return data.pick(keys) as unknown as Record<string, unknown>; // printed by our own `stringifyResult`
  return Object.fromEntries(keys.map((key) => [key, (data as Readonly<Record<string, unknown>>)[key] ?? null])); // of the stock executor
}
