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
  type ListValueNode,
  type ObjectValueNode,
  parseType,
  print,
  TypeInfo,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { operationOf, withOperation } from '../plan/fetch-operation.ts';
import { freeName } from '../plan/free-name.ts';
import { type ExecutablePlan, mapChildren } from '../plan/plan-nodes.ts';
import { operationIn } from './one-operation.ts';

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

type Leaf = IntValueNode | FloatValueNode | EnumValueNode;
type Container = ListValueNode | ObjectValueNode;
type Restore = (value: VariableDefinitionNode) => VariableDefinitionNode;

/**
 * The planner reads literals of custom scalars as values of JavaScript, and prints `12345678901234567890` as `12345678901234567000`, a name as a
 * string; and it looks at every list twice, at a list in it four times, as often as the field stands in the operation. So such a literal, and lists
 * and objects that are nested, are variables while the operation is planned, and stand in the operations of the fetches as they were written. The
 * document is one of a single operation.
 */
export function exactLiterals(document: DocumentNode, schema: GraphQLSchema): ExactLiterals {
  const unchanged: ExactLiterals = { document, restore: (plan) => plan };
  if (isPlain(document)) return unchanged; // as nearly always
  const standIns = new Map<string, StandIn>();
  const defaults = new Map<string, VariableDefinitionNode>();
  const prefix = freePrefix(document);
  const info = new TypeInfo(schema);
  const standInFor = (literal: ValueNode): ValueNode => {
    const position = info.getInputType();
    const type = position ? String(position) : 'Int'; // within a custom scalar, where every type may stand
    const key = `${type} ${print(literal)}`;
    const known = standIns.get(key) ?? { name: `${prefix}${standIns.size}`, type, literal };
    standIns.set(key, known);
    return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: known.name } };
  };
  const leaf = (literal: Leaf): ValueNode | undefined => {
    const position = info.getInputType();
    return isKept(literal) || (position && !isCustomScalar(getNamedType(position))) ? undefined : standInFor(literal);
  };
  const container = (literal: Container): ValueNode | undefined => (depthOf(literal) > MAX_DEPTH ? standInFor(literal) : undefined);
  const inFields = visit(
    document,
    visitWithTypeInfo(info, {
      VariableDefinition: (node) => {
        if (node.defaultValue && !isPlain(node.defaultValue)) defaults.set(node.variable.name.value, node);
        return false;
      },
      ...{ IntValue: leaf, FloatValue: leaf, EnumValue: leaf, ListValue: container, ObjectValue: container },
    }),
  );
  if (standIns.size + defaults.size === 0) return unchanged;
  const definitions = [...standIns.values()].map(definitionOf);
  const withDefinitions = visit(inFields, {
    OperationDefinition: (node) => ({ ...node, variableDefinitions: [...(node.variableDefinitions ?? []), ...definitions] }),
  });
  const byName = new Map([...standIns.values()].map((each) => [each.name, each.literal]));
  const definition: Restore = (node) => defaults.get(node.variable.name.value) ?? node;
  const ofClient = operationIn(document).variableDefinitions ?? [];
  return { document: withDefinitions, restore: (plan) => mapFetches(plan, (fetch) => restored(fetch, byName, definition, ofClient)) };
}

/** @param ofClient variables that may stand within a literal, of which the planner has heard nothing then */
function restored(
  fetch: FetchNode,
  literals: ReadonlyMap<string, ValueNode>,
  definition: Restore,
  ofClient: readonly VariableDefinitionNode[],
): FetchNode {
  const operation = operationOf(fetch);
  const selectionSet = visit(operation.selectionSet, { Variable: ({ name }) => literals.get(name.value) });
  const known = (operation.variableDefinitions ?? []).map(definition);
  const names = new Set(known.map(nameOf));
  const others = ofClient.filter((each) => !names.has(nameOf(each)));
  const variableUsages = [...new Set([...(fetch.variableUsages ?? []), ...others.map(nameOf)])];
  return withOperation({ ...fetch, variableUsages }, { ...operation, selectionSet, variableDefinitions: [...known, ...others] });
}

function nameOf({ variable }: VariableDefinitionNode): string {
  return variable.name.value;
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

/** What lists and objects cost up to here is nothing beside the rest of planning. */
const MAX_DEPTH = 3;

/** How deep lists and objects are nested. */
function depthOf(literal: ValueNode): number {
  if (literal.kind === Kind.LIST) return 1 + Math.max(0, ...literal.values.map(depthOf));
  if (literal.kind === Kind.OBJECT) return 1 + Math.max(0, ...literal.fields.map(({ value }) => depthOf(value)));
  return 0;
}

/** Whether JavaScript prints the literal as it was written. */
function isKept({ kind, value }: Leaf): boolean {
  return kind !== Kind.ENUM && String(Number(value)) === value;
}

/** Whether the planner may read all literals. */
function isPlain(node: ASTNode): boolean {
  let isAll = true;
  const look = (literal: Leaf | Container): false | undefined => {
    isAll &&= literal.kind === Kind.LIST || literal.kind === Kind.OBJECT ? depthOf(literal) <= MAX_DEPTH : isKept(literal);
    return isAll ? undefined : false;
  };
  visit(node, { IntValue: look, FloatValue: look, EnumValue: look, ListValue: look, ObjectValue: look });
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
