import type { FetchNode } from '@apollo/query-planner';
import {
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from 'graphql';

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
