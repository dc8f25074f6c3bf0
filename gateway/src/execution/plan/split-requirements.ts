import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { requiresOf } from '../../supergraph/required-arguments.ts';
import { ENTITIES } from './compiled-fetch.ts';

/** `price` or `category.averagePrice` → the field as it is required. */
type Needs = ReadonlyMap<string, FieldNode>;
/** Where in the answer a required field is → the ways in which it is required there, each with a name of its own. */
type Demands = Map<string, Map<string, { readonly node: FieldNode; readonly alias: string }>>;

interface Parts {
  readonly schema: GraphQLSchema;
  readonly demands: Demands;
}

/**
 * `@requires(fields: "price(currency: USD)")` and `@requires(fields: "price(currency: EUR)")` on one object: the planner knows both as `price`,
 * asks for one, and hands it to both. Here every way gets a name of its own where it is fetched, and its own name back where it is handed on; a
 * fetch whose fields require different values under one name becomes several.
 */
export function splitRequirements(plan: QueryPlan, schema: GraphQLSchema): QueryPlan {
  const { node } = plan;
  if (!node || node.kind === 'Subscription') return plan;
  const parts: Parts = { schema, demands: new Map() };
  visitFetches(node, '', (fetch, place) => learn(fetch, place, parts));
  for (const [where, ways] of parts.demands) if (ways.size < 2) parts.demands.delete(where);
  return parts.demands.size === 0 ? plan : { ...plan, node: rewrite(node, '', parts) };
}

function visitFetches(node: PlanNode, place: string, visit: (fetch: FetchNode, place: string) => void): void {
  switch (node.kind) {
    case 'Fetch':
      visit(node, place);
      return;
    case 'Flatten':
      visitFetches(node.node, below(place, node.path), visit);
      return;
    case 'Sequence':
    case 'Parallel':
      for (const each of node.nodes) visitFetches(each, place, visit);
      return;
    case 'Condition':
      for (const each of [node.ifClause, node.elseClause]) if (each) visitFetches(each, place, visit);
      return;
    case 'Defer': // refused when the plan is compiled
  }
}

function below(place: string, path: readonly (string | number)[]): string {
  return [...(place === '' ? [] : [place]), ...path.filter((part) => part !== '@')].join('.');
}

function learn(fetch: FetchNode, place: string, { schema, demands }: Parts): void {
  for (const { needs } of selectedFields(fetch, schema))
    for (const [path, node] of needs) {
      const where = below(place, [path]);
      const ways = demands.get(where) ?? new Map();
      const way = argumentsText(node);
      if (!ways.has(way)) ways.set(way, { node, alias: `tessera_way${ways.size}_${node.name.value}` });
      demands.set(where, ways);
    }
}

interface SelectedField {
  readonly type: string;
  readonly node: FieldNode;
  readonly needs: Needs;
}

/** What an entity fetch asks of each type, and what each of its fields requires with arguments. */
function selectedFields(fetch: FetchNode, schema: GraphQLSchema): readonly SelectedField[] {
  if (!fetch.requires) return [];
  return entitySelections(operationOf(fetch)).flatMap((fragment) => {
    const type = fragment.kind === Kind.INLINE_FRAGMENT ? fragment.typeCondition?.name.value : undefined;
    if (fragment.kind !== Kind.INLINE_FRAGMENT || !type) return [];
    return fragment.selectionSet.selections.flatMap((node) =>
      node.kind === Kind.FIELD ? [{ type, node, needs: needsOf(type, node, schema) }] : [],
    );
  });
}

/** With every named fragment written out. */
function operationOf({ operationDocumentNode, operation }: FetchNode): OperationDefinitionNode {
  const { definitions } = operationDocumentNode ?? parse(operation, { noLocation: true });
  const [definition] = definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('A fetch begins with its operation.');
  const fragments = new Map(
    definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [])),
  );
  return fragments.size === 0 ? definition : { ...definition, selectionSet: writtenOut(definition.selectionSet, fragments) };
}

function writtenOut(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): SelectionSetNode {
  const selections = set.selections.map((node): SelectionNode => {
    if (node.kind !== Kind.FRAGMENT_SPREAD)
      return node.selectionSet ? { ...node, selectionSet: writtenOut(node.selectionSet, fragments) } : node;
    const fragment = fragments.get(node.name.value);
    if (!fragment) throw new TypeError('A fetch brings its fragments.');
    const { typeCondition, selectionSet } = fragment;
    return {
      kind: Kind.INLINE_FRAGMENT,
      typeCondition,
      directives: node.directives ?? [],
      selectionSet: writtenOut(selectionSet, fragments),
    };
  });
  return { ...set, selections };
}

function entitySelections({ selectionSet }: OperationDefinitionNode): readonly SelectionNode[] {
  return selectionSet.selections.flatMap((each) =>
    each.kind === Kind.FIELD && each.name.value === ENTITIES ? (each.selectionSet?.selections ?? []) : [],
  );
}

function needsOf(typeName: string, { name }: FieldNode, schema: GraphQLSchema): Needs {
  const type = schema.getType(typeName);
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name.value] : undefined;
  const needs = new Map<string, FieldNode>();
  for (const set of requiresOf(field?.astNode?.directives)) addNeeds(set, '', needs);
  return needs;
}

function addNeeds(set: SelectionSetNode, path: string, needs: Map<string, FieldNode>): void {
  for (const node of set.selections) {
    if (node.kind === Kind.FIELD) {
      const here = below(path, [node.name.value]);
      if (node.arguments && node.arguments.length > 0) needs.set(here, node);
      if (node.selectionSet) addNeeds(node.selectionSet, here, needs);
    } else if (node.kind === Kind.INLINE_FRAGMENT) addNeeds(node.selectionSet, path, needs);
  }
}

function argumentsText(node: FieldNode): string {
  return (node.arguments ?? []).map((each) => print(each)).join(', ');
}

function rewrite(node: PlanNode, place: string, parts: Parts): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((each) => rewrite(each, place, parts)) };
    case 'Flatten':
      return { ...node, node: rewrite(node.node, below(place, node.path), parts) };
    case 'Condition': {
      const { ifClause, elseClause } = node;
      return {
        ...node,
        ...(ifClause ? { ifClause: rewrite(ifClause, place, parts) } : {}),
        ...(elseClause ? { elseClause: rewrite(elseClause, place, parts) } : {}),
      };
    }
    case 'Fetch':
      return split(produce(node, place, parts), place, parts);
    case 'Defer':
      return node;
  }
}

/** Asks for a field in every way in which somebody requires it. */
function produce(fetch: FetchNode, place: string, { demands }: Parts): FetchNode {
  const inSet = (set: SelectionSetNode, at: string): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((each) => inSelection(each, at)),
  });
  const inSelection = (node: SelectionNode, at: string): SelectionNode[] => {
    if (node.kind !== Kind.FIELD)
      return node.kind === Kind.INLINE_FRAGMENT ? [{ ...node, selectionSet: inSet(node.selectionSet, at) }] : [node];
    if (node.name.value === ENTITIES && node.selectionSet) return [{ ...node, selectionSet: inSet(node.selectionSet, at) }];
    const here = below(at, [node.alias?.value ?? node.name.value]);
    const whole = node.selectionSet ? { ...node, selectionSet: inSet(node.selectionSet, here) } : node;
    const ways = node.arguments?.length ? [...(demands.get(here)?.values() ?? [])] : [];
    return [
      whole,
      ...ways.map((way) => ({ ...whole, alias: { kind: Kind.NAME, value: way.alias } as const, arguments: way.node.arguments ?? [] })),
    ];
  };
  const operation = operationOf(fetch);
  return withOperation(fetch, { ...operation, selectionSet: inSet(operation.selectionSet, place) });
}

function withOperation(fetch: FetchNode, definition: OperationDefinitionNode): FetchNode {
  const document = { kind: Kind.DOCUMENT, definitions: [definition] } as const;
  return { ...fetch, operation: print(document), operationDocumentNode: document };
}

/** One fetch for each set of fields that can be answered from one reference. */
function split(fetch: FetchNode, place: string, { schema, demands }: Parts): PlanNode {
  const groups: { readonly fields: Set<FieldNode>; readonly ways: Map<string, string> }[] = [];
  let needsAny = false;
  for (const { node, needs } of selectedFields(fetch, schema)) {
    const wanted = [...needs].flatMap(([path, need]) => {
      const way = demands.get(below(place, [path]))?.get(argumentsText(need));
      return way ? [[path, way.alias] as const] : [];
    });
    needsAny ||= wanted.length > 0;
    const known = groups.find(({ ways }) => wanted.every(([path, alias]) => (ways.get(path) ?? alias) === alias));
    const group = known ?? { fields: new Set(), ways: new Map() };
    if (!known) groups.push(group);
    group.fields.add(node);
    for (const [path, alias] of wanted) group.ways.set(path, alias);
  }
  if (!needsAny) return fetch;
  const nodes = groups.map(({ fields, ways }) => consume(fetch, fields, ways));
  const [only] = nodes;
  return nodes.length === 1 && only ? only : { kind: 'Parallel', nodes };
}

function consume(fetch: FetchNode, fields: ReadonlySet<FieldNode>, ways: ReadonlyMap<string, string>): FetchNode {
  const operation = operationOf(fetch);
  const keep = (node: SelectionNode): SelectionNode[] => {
    if (node.kind === Kind.FIELD && node.name.value === ENTITIES && node.selectionSet)
      return [{ ...node, selectionSet: { ...node.selectionSet, selections: node.selectionSet.selections.flatMap(keep) } }];
    if (node.kind !== Kind.INLINE_FRAGMENT) return [node];
    const selections = node.selectionSet.selections.filter((each) => each.kind !== Kind.FIELD || fields.has(each));
    return selections.length > 0 ? [{ ...node, selectionSet: { ...node.selectionSet, selections } }] : [];
  };
  const selections = operation.selectionSet.selections.flatMap(keep);
  const renames = [...ways].map(([path, alias]) => {
    const keys = path.split('.');
    return { kind: 'KeyRenamer' as const, path: [...keys.slice(0, -1), alias], renameKeyTo: keys.at(-1) ?? '' };
  });
  return {
    ...withOperation(fetch, { ...operation, selectionSet: { ...operation.selectionSet, selections } }),
    requires: (fetch.requires ?? []).map((each) => readUnder(each, '', ways)),
    inputRewrites: [...(fetch.inputRewrites ?? []), ...renames],
  };
}

/** The same requirement, read under the name of its way. */
function readUnder(node: QueryPlanSelectionNode, path: string, ways: ReadonlyMap<string, string>): QueryPlanSelectionNode {
  if (node.kind === 'InlineFragment') return { ...node, selections: node.selections.map((each) => readUnder(each, path, ways)) };
  const here = below(path, [node.alias ?? node.name]);
  const alias = ways.get(here);
  return {
    ...node,
    ...(alias ? { alias } : {}),
    ...(node.selections ? { selections: node.selections.map((each) => readUnder(each, here, ways)) } : {}),
  };
}
