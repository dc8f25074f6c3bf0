import type { FetchNode, PlanNode } from '@apollo/query-planner';
import {
  type ASTNode,
  type DocumentNode,
  type EnumValueNode,
  type FloatValueNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  type IntValueNode,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
  parseType,
  TypeInfo,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { operationOf, withOperation } from '../plan/fetch-operation.ts';
import { freeName } from '../plan/free-name.ts';
import { type ExecutablePlan, mapChildren } from '../plan/plan-nodes.ts';

/** An operation for the planner, and what gives the fetches of its plan the literals of the client back. */
export interface ExactLiterals {
  readonly document: DocumentNode;
  restore(plan: ExecutablePlan): ExecutablePlan;
}

/** Stands for a literal while the operation is planned. */
interface StandIn {
  readonly name: string;
  readonly type: string;
  readonly literal: ValueNode;
}

type Literal = IntValueNode | FloatValueNode | EnumValueNode;
type Restore = (value: VariableDefinitionNode) => VariableDefinitionNode;

/**
 * The planner reads literals of custom scalars as values of JavaScript, and prints `12345678901234567890` as `12345678901234567000`, a name as a
 * string. Such a literal is a variable while the operation is planned, and stands in the operations of the fetches as it was written. The document
 * is one of a single operation.
 */
export function exactLiterals(document: DocumentNode, schema: GraphQLSchema): ExactLiterals {
  const unchanged: ExactLiterals = { document, restore: (plan) => plan };
  if (isAllKept(document)) return unchanged; // as nearly always
  const standIns = new Map<string, StandIn>();
  const defaults = new Map<string, VariableDefinitionNode>();
  const prefix = freePrefix(document);
  const info = new TypeInfo(schema);
  const standIn = (literal: Literal): ValueNode | undefined => {
    const position = info.getInputType();
    if (isKept(literal) || (position && !isCustomScalar(getNamedType(position)))) return undefined;
    const type = position ? String(position) : 'Int'; // within a custom scalar, where every type may stand
    const key = `${type} ${literal.value}`;
    const known = standIns.get(key) ?? { name: `${prefix}${standIns.size}`, type, literal };
    standIns.set(key, known);
    return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: known.name } };
  };
  const inFields = visit(
    document,
    visitWithTypeInfo(info, {
      VariableDefinition: (node) => {
        if (node.defaultValue && !isAllKept(node.defaultValue)) defaults.set(node.variable.name.value, node);
        return false;
      },
      ...{ IntValue: standIn, FloatValue: standIn, EnumValue: standIn },
    }),
  );
  if (standIns.size + defaults.size === 0) return unchanged;
  const definitions = [...standIns.values()].map(definitionOf);
  const withDefinitions = visit(inFields, {
    OperationDefinition: (node) => ({ ...node, variableDefinitions: [...(node.variableDefinitions ?? []), ...definitions] }),
  });
  const byName = new Map([...standIns.values()].map((each) => [each.name, each.literal]));
  const definition: Restore = (node) => defaults.get(node.variable.name.value) ?? node;
  return { document: withDefinitions, restore: (plan) => mapFetches(plan, (fetch) => restored(fetch, byName, definition)) };
}

function restored(fetch: FetchNode, literals: ReadonlyMap<string, ValueNode>, definition: Restore): FetchNode {
  const operation = operationOf(fetch);
  const selectionSet = visit(operation.selectionSet, { Variable: ({ name }) => literals.get(name.value) });
  const variableDefinitions = (operation.variableDefinitions ?? []).map(definition);
  return withOperation(fetch, { ...operation, selectionSet, variableDefinitions });
}

function definitionOf({ name, type }: StandIn): VariableDefinitionNode {
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } },
    type: parseType(type),
  };
}

function isCustomScalar(type: GraphQLNamedType): boolean {
  return isScalarType(type) && !isSpecifiedScalarType(type);
}

/** Whether JavaScript prints the literal as it was written. */
function isKept({ kind, value }: Literal): boolean {
  return kind !== Kind.ENUM && String(Number(value)) === value;
}

function isAllKept(node: ASTNode): boolean {
  let isAll = true;
  const look = (literal: Literal) => {
    isAll &&= isKept(literal);
  };
  visit(node, { IntValue: look, FloatValue: look, EnumValue: look });
  return isAll;
}

const PREFIX = 'literal';

/** One that no name of the client begins with. */
function freePrefix(document: DocumentNode): string {
  const names = new Set<string>();
  visit(document, { Variable: ({ name }) => void names.add(name.value) });
  return freeName(PREFIX, (prefix) => [...names].some((name) => name.startsWith(prefix)));
}

function mapFetches(plan: ExecutablePlan, change: (fetch: FetchNode) => FetchNode): ExecutablePlan {
  const inNode = (node: PlanNode): PlanNode => (node.kind === 'Fetch' ? change(node) : mapChildren(node, inNode));
  return plan.node ? { ...plan, node: inNode(plan.node) } : plan;
}
