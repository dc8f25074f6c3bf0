import { ensure, TesseraError } from '@tessera/service-kit/errors';
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
import { OperationCache } from '../execution/operation/operation-cache.ts';
import { conditionsThatMayBeNull, nullConditionOf } from '../execution/plan/condition.ts';
import type { Admission } from '../limits/admit.ts';
import { LIMITS, MAX_MISTAKES } from '../limits/limits.ts';
import type { OperationPolicy } from '../operations/policy.ts';
import { badVariable, withoutSuggestion } from '../resilience/error-table.ts';
import type { Planning } from '../supergraph/load-supergraph.ts';
import type { PlanSubscription, ValidSubscription } from './hydrate.ts';

/** Subscriptions that are known to be without mistakes; what is compiled of them is kept where that of queries is. */
const KNOWN = { maxEntries: 500, maxCharacters: 300_000 };

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

interface Known extends ValidSubscription {
  readonly neverNull: readonly string[];
  /** Of the query. */
  readonly meter: { readonly characters: number };
}

/** Admission, policy, validation, access and planning are those of HTTP; throws `TesseraError` or `GraphQLError[]`. Nothing is planned for who may not have it. */
export function createPreparation({ admission, policy, planning, rules, plan }: PrepareParts) {
  const caches = new WeakMap<Planning, OperationCache<Known>>(); // of another schema something else is a mistake
  return (offered: OfferedSubscription, viewer: Viewer, client: string | null): PreparedSubscription => {
    const { query, operationName, variables } = offered;
    const admitted = admission.admit({ query, variables, bodyBytes: 0, allow: (each) => policy.check(each, client) });
    const hash = ensure(admitted.hash, 'the hash of a query');
    const current = planning();
    const cache = caches.get(current) ?? new OperationCache<Known>(KNOWN);
    caches.set(current, cache);
    const known = cache.get(`${hash}\n${operationName ?? ''}`, () => validated(offered, hash, current));
    const given = variables ?? {};
    const bound = bind(known, given, viewer, current, rules());
    const hydrate = plan(known, current);
    return { ...bound, hydrate: (context) => hydrate(given, context) };
  };
}

function validated({ query, operationName }: OfferedSubscription, hash: string, { schema }: Planning): Known {
  const document = parse(query, { maxTokens: LIMITS.tokens });
  // A socket is no place to explore a schema: introspection goes over HTTP.
  const mistakes = validate(schema, document, [...specifiedRules, NoSchemaIntrospectionCustomRule]);
  if (mistakes.length > 0) throw new InvalidSubscription(mistakes.map(withoutSuggestion));
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new TesseraError('BAD_USER_INPUT', 'Name one operation of the document in operationName.');
  if (operation.operation !== 'subscription')
    throw new TesseraError('OPERATION_NOT_ALLOWED', 'A socket takes subscriptions only: send queries and mutations over HTTP.');
  const alone = oneOperation(document, operation.name?.value);
  const neverNull = conditionsThatMayBeNull(alone, operation);
  return { query, hash, operation, document: alone, neverNull, meter: { characters: query.length } };
}

function bind(
  { document, operation, neverNull }: Known,
  variables: Readonly<Record<string, unknown>>,
  viewer: Viewer,
  { schema }: Planning,
  rules: AccessRules,
): Omit<PreparedSubscription, 'hydrate'> {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors: MAX_MISTAKES });
  if (errors) throw new InvalidSubscription(errors.map(badVariable));
  const nullCondition = nullConditionOf(neverNull, variables);
  if (nullCondition) throw new InvalidSubscription([nullCondition]);
  const [root] = rootFieldsOf(document, operation, coerced);
  const [responseKey, node] = ensure(root, 'the root field of a subscription');
  const refusal = refusalOf(rules, 'Subscription', responseKey, node, viewer);
  if (refusal) throw new InvalidSubscription([refusal]);
  return { document, operation, field: node.name.value, args: argumentsOf(schema, node, coerced) };
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
