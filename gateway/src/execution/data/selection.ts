import { type DocumentNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/** What an answer to one fetch may hold: every response key, whatever type it is for; null for a leaf. In the order of the selection. */
export interface Selection {
  readonly fields: Map<string, Selection | null>;
}

export function selectionOf(document: DocumentNode): Selection {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of document.definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  const operation = document.definitions.find((each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION);
  const selection: Selection = { fields: new Map() };
  if (operation) collect(operation.selectionSet, fragments, selection);
  return selection;
}

function collect(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, into: Selection): void {
  for (const node of set.selections) {
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value;
      const known = into.fields.get(key);
      const below = node.selectionSet ? (known ?? { fields: new Map() }) : null;
      into.fields.set(key, below ?? known ?? null);
      if (node.selectionSet && below) collect(node.selectionSet, fragments, below);
    } else {
      const inner = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments.get(node.name.value)?.selectionSet;
      if (inner) collect(inner, fragments, into);
    }
  }
}

/** True where the selection holds no object. */
export function isFlat({ fields }: Selection): boolean {
  for (const below of fields.values()) if (below) return false;
  return true;
}
