import { type ASTNode, type DirectiveNode, type DocumentNode, Kind, type SelectionSetNode, visit } from 'graphql';

/**
 * Without `@include` and `@skip` that no variable decides, for the planner alone: inside a part that a variable decides it forgets them, and then
 * asks for fields whose requirements it has left out.
 */
export function withoutLiteralConditions(document: DocumentNode): DocumentNode {
  return visit(document, {
    enter: (node) => (directivesOf(node).some((each) => decided(each) === false) ? null : undefined),
    Directive: (node) => (decided(node) === null ? undefined : null),
    SelectionSet: { leave: (node) => (node.selections.length === 0 ? onlyTypename(node) : undefined) },
  });
}

function directivesOf(node: ASTNode): readonly DirectiveNode[] {
  return 'directives' in node ? (node.directives ?? []) : [];
}

/** Whether it lets its selection be there; null where that depends on a variable. */
function decided({ name, arguments: given = [] }: DirectiveNode): boolean | null {
  const isInclude = name.value === 'include';
  const value = isInclude || name.value === 'skip' ? given.find((each) => each.name.value === 'if')?.value : undefined;
  return value?.kind === Kind.BOOLEAN ? value.value === isInclude : null;
}

/** A selection set may not be empty. */
function onlyTypename(node: SelectionSetNode): SelectionSetNode {
  return { ...node, selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }] };
}
