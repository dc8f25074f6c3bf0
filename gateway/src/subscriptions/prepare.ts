import { TesseraError } from '@tessera/service-kit/errors';
import type { Viewer } from '@tessera/service-kit/identity';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { rootFieldsOf } from '../access/root-fields.ts';
import { type AccessRules, refusalOf } from '../access/rules.ts';
import type { GatewayContext } from '../execution/context.ts';
import type { ExecutorResult } from '../execution/executor.ts';
import { oneOperation } from '../execution/operation/one-operation.ts';
import { conditionsThatMayBeNull, nullConditionOf } from '../execution/plan/condition.ts';
import type { Admission } from '../limits/admit.ts';
import { LIMITS, MAX_MISTAKES } from '../limits/limits.ts';
import type { OperationPolicy } from '../operations/policy.ts';
import { badVariable, withoutSuggestion } from '../resilience/error-table.ts';
import type { Planning } from '../supergraph/load-supergraph.ts';
import type { Hydrate, PlanSubscription, ValidSubscription } from './hydrate.ts';

const MAX_CACHED_PLANS = 500;

/** A subscription that may run: planned, its variables and arguments coerced. */
export interface PreparedSubscription {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Answers the event of the context. */
  hydrate(context: GatewayContext): Promise<ExecutorResult>;
  /** The name of the root field, and its arguments. */
  readonly field: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface OfferedSubscription {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

export interface PrepareParts {
  readonly admission: Admission;
  readonly policy: OperationPolicy;
  readonly planning: () => Planning;
  readonly rules: () => AccessRules;
  readonly plan: PlanSubscription;
}

interface Compiled extends ValidSubscription {
  readonly neverNull: readonly string[];
  readonly hydrate: Hydrate;
}

/** Admission, policy, validation, access and planning are those of HTTP; throws `TesseraError` or `GraphQLError[]`. */
export function createPreparation({ admission, policy, planning, rules, plan }: PrepareParts) {
  const caches = new WeakMap<Planning, Map<string, Compiled | TesseraError>>(); // another supergraph plans anew
  return (offered: OfferedSubscription, viewer: Viewer, client: string | null): PreparedSubscription => {
    const { query, operationName, variables } = offered;
    const { hash } = admission.admit({ query, variables, bodyBytes: 0, allow: (each) => policy.check(each, client) });
    const current = planning();
    const compiled = caches.get(current) ?? new Map<string, Compiled | TesseraError>();
    caches.set(current, compiled);
    const key = `${hash}\n${operationName ?? ''}`;
    let known = compiled.get(key);
    if (!known) {
      known = compiledOrRefused(() => compile(offered, current, plan));
      if (compiled.size >= MAX_CACHED_PLANS) compiled.delete(compiled.keys().next().value ?? '');
      compiled.set(key, known);
    }
    if (known instanceof TesseraError) throw known;
    return bind(known, offered, viewer, current, rules());
  };
}

/** A refusal is remembered too: the search for a plan that ends so is what takes longest. */
function compiledOrRefused(compileOne: () => Compiled): Compiled | TesseraError {
  try {
    return compileOne();
  } catch (error) {
    if (error instanceof TesseraError) return error;
    throw error;
  }
}

function compile({ query, operationName }: OfferedSubscription, planning: Planning, plan: PlanSubscription): Compiled {
  const { schema } = planning;
  const document = parse(query, { maxTokens: LIMITS.tokens });
  // A socket is no place to explore a schema: introspection goes over HTTP.
  const mistakes = validate(schema, document, [...specifiedRules, NoSchemaIntrospectionCustomRule]);
  if (mistakes.length > 0) throw new InvalidSubscription(mistakes.map(withoutSuggestion));
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new TesseraError('BAD_USER_INPUT', 'Name one operation of the document in operationName.');
  if (operation.operation !== 'subscription')
    throw new TesseraError('OPERATION_NOT_ALLOWED', 'A socket takes subscriptions only: send queries and mutations over HTTP.');
  const valid = { query, operation, document: oneOperation(document, operation.name?.value) };
  return { ...valid, neverNull: conditionsThatMayBeNull(valid.document, operation), hydrate: plan(valid, planning) };
}

function bind(
  { document, operation, neverNull, hydrate }: Compiled,
  offered: OfferedSubscription,
  viewer: Viewer,
  { schema }: Planning,
  rules: AccessRules,
): PreparedSubscription {
  const variables = offered.variables ?? {};
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors: MAX_MISTAKES });
  if (errors) throw new InvalidSubscription(errors.map(badVariable));
  const nullCondition = nullConditionOf(neverNull, variables);
  if (nullCondition) throw new InvalidSubscription([nullCondition]);
  const [root] = rootFieldsOf(document, operation, coerced);
  if (!root) throw new TesseraError('BAD_USER_INPUT', 'The subscription selects nothing.');
  const [responseKey, node] = root;
  const refusal = refusalOf(rules, 'Subscription', responseKey, node, viewer);
  if (refusal) throw new InvalidSubscription([refusal]);
  return {
    document,
    operation,
    field: node.name.value,
    args: argumentsOf(schema, node, coerced),
    hydrate: (context) => hydrate(variables, context),
  };
}

function argumentsOf(
  schema: Planning['schema'],
  node: FieldNode,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const definition = schema.getSubscriptionType()?.getFields()[node.name.value];
  return definition ? getArgumentValues(definition, node, variables) : {};
}

/** Mistakes of the client in the operation itself. */
export class InvalidSubscription extends Error {
  override readonly name = 'InvalidSubscription';
  readonly errors: readonly GraphQLError[];
  constructor(errors: readonly GraphQLError[]) {
    super(errors[0]?.message ?? 'The subscription is not valid.');
    this.errors = errors;
  }
}
