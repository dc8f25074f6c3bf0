import type { FetchNode } from '@apollo/query-planner';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isCompositeType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from 'graphql';
import { ENTITIES, renamedKeysOf } from './compiled-fetch.ts';

/** What a fetch asks, with every named fragment written out. */
export function operationOf({ operationDocumentNode, operation }: FetchNode): OperationDefinitionNode {
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

/** The same fetch asking something else, with those variables alone that it still uses. */
export function withOperation(fetch: FetchNode, operation: OperationDefinitionNode): FetchNode {
  const used = new Set<string>();
  visit(operation.selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value));
  const document = { kind: Kind.DOCUMENT, definitions: [{ ...operation, variableDefinitions }] } as const;
  return {
    ...fetch,
    operation: stripIgnoredCharacters(print(document)),
    operationDocumentNode: document,
    ...(fetch.variableUsages ? { variableUsages: fetch.variableUsages.filter((name) => used.has(name)) } : {}),
  };
}

/** What stands in the place of a field. `place` is where its value will be, `type` whose field it is. */
type FieldChange = (node: FieldNode, place: string, type: GraphQLCompositeType | null) => FieldNode[];

/** What a fetch selects, with each field changed; inner ones first. */
export function mapFields(
  fetch: FetchNode,
  operation: OperationDefinitionNode,
  place: string,
  schema: GraphQLSchema,
  change: FieldChange,
): SelectionSetNode {
  const renamed = renamedKeysOf(fetch);
  const keyOf = ({ alias, name }: FieldNode) => renamed.get(alias?.value ?? name.value) ?? alias?.value ?? name.value;
  const inSet = (set: SelectionSetNode, at: string, type: GraphQLCompositeType | null): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((each) => inSelection(each, at, type)),
  });
  const inSelection = (node: SelectionNode, at: string, type: GraphQLCompositeType | null): SelectionNode[] => {
    if (node.kind === Kind.INLINE_FRAGMENT)
      return [{ ...node, selectionSet: inSet(node.selectionSet, at, conditionOf(node, type, schema)) }];
    if (node.kind !== Kind.FIELD) return [node];
    if (node.name.value === ENTITIES && node.selectionSet) return [{ ...node, selectionSet: inSet(node.selectionSet, at, null) }];
    const here = below(at, [keyOf(node)]);
    const inner = node.selectionSet && inSet(node.selectionSet, here, typeIn(type, node.name.value));
    return change(inner ? { ...node, selectionSet: inner } : node, here, type);
  };
  return inSet(operation.selectionSet, place, schema.getRootType(operation.operation) ?? null);
}

/** A place is a path without the marks of lists. */
export function below(place: string, path: readonly (string | number)[]): string {
  return [...(place === '' ? [] : [place]), ...path.filter((part) => part !== '@')].join('.');
}

/** The type inside a fragment. */
export function conditionOf(
  node: InlineFragmentNode,
  around: GraphQLCompositeType | null,
  schema: GraphQLSchema,
): GraphQLCompositeType | null {
  return node.typeCondition ? compositeNamed(node.typeCondition.name.value, schema) : around;
}

export function compositeNamed(name: string, schema: GraphQLSchema): GraphQLCompositeType | null {
  const type = schema.getType(name);
  return isCompositeType(type) ? type : null;
}

/** The type of the objects in a field; null where it holds none. */
export function typeIn(type: GraphQLCompositeType | null, field: string): GraphQLCompositeType | null {
  const definition = type && !isUnionType(type) ? type.getFields()[field] : undefined;
  const named = definition ? getNamedType(definition.type) : undefined;
  return isCompositeType(named) ? named : null;
}
