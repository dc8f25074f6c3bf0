import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;
type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** As `rootFieldsOf`, found once where nothing at the root depends on variables. */
export function compileRootFields(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): (variables: Variables) => ReadonlyMap<string, FieldNode> {
  const isConditional = rootSelectionsOf(document, operation).some(({ directives = [] }) => directives.length > 0);
  if (isConditional) return (variables) => rootFieldsOf(document, operation, variables);
  const fixed = rootFieldsOf(document, operation, {});
  return () => fixed;
}

/** The names of all root fields, whatever their conditions. */
export function rootNamesOf(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
  return rootSelectionsOf(document, operation).flatMap((each) => (each.kind === Kind.FIELD ? [each.name.value] : []));
}

/** Fields and fragments at the root, each fragment once. */
function rootSelectionsOf(document: DocumentNode, operation: OperationDefinitionNode): readonly SelectionNode[] {
  const fragments = fragmentsOf(document);
  const visited = new Set<string>();
  const walk = (set: SelectionSetNode | undefined): readonly SelectionNode[] =>
    (set?.selections ?? []).flatMap((each) => {
      if (each.kind === Kind.FIELD) return [each];
      if (each.kind === Kind.INLINE_FRAGMENT) return [each, ...walk(each.selectionSet)];
      if (visited.has(each.name.value)) return [each];
      visited.add(each.name.value);
      return [each, ...walk(fragments.get(each.name.value)?.selectionSet)];
    });
  return walk(operation.selectionSet);
}

/** The root fields that will really be executed, by response key, in the order of the answer. */
export function rootFieldsOf(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables): Map<string, FieldNode> {
  const found = new Map<string, FieldNode>();
  const fragments = fragmentsOf(document);
  const visited = new Set<string>();
  const walk = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (!isIncluded(selection, variables)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = responseKeyOf(selection);
        if (!found.has(key)) found.set(key, selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet);
      else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        walk(fragments.get(selection.name.value)?.selectionSet);
      }
    }
  };
  walk(operation.selectionSet);
  return found;
}

/** The same document without the root fields of these response keys; null when nothing is left. Fragments at the root are written out. */
export function withoutRootFields(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  removed: ReadonlySet<string>,
): DocumentNode | null {
  return withRootFields(document, operation, (field) => !removed.has(responseKeyOf(field)));
}

/** The same document with those root fields alone that are chosen, each under the conditions that it stood under. */
export function withRootFields(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  isChosen: (field: FieldNode) => boolean,
): DocumentNode | null {
  const fragments = fragmentsOf(document);
  const filter = (set: SelectionSetNode): SelectionSetNode => ({ ...set, selections: set.selections.flatMap(keep) });
  const keep = (selection: SelectionNode): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return isChosen(selection) ? [selection] : [];
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (!fragment) return [];
    const selectionSet = filter(fragment.selectionSet);
    if (selectionSet.selections.length === 0) return [];
    const { typeCondition } = fragment;
    return [
      { kind: Kind.INLINE_FRAGMENT, selectionSet, directives: selection.directives ?? [], ...(typeCondition ? { typeCondition } : {}) },
    ];
  };
  const selectionSet = filter(operation.selectionSet);
  if (selectionSet.selections.length === 0) return null;
  return { ...document, definitions: document.definitions.map((each) => (each === operation ? { ...operation, selectionSet } : each)) };
}

function responseKeyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function fragmentsOf(document: DocumentNode): Fragments {
  return new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [])),
  );
}

function isIncluded(selection: SelectionNode, variables: Variables): boolean {
  if (getDirectiveValues(GraphQLSkipDirective, selection, variables)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.if !== false;
}
