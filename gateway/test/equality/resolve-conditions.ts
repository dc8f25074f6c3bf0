import { type DirectiveNode, type DocumentNode, Kind, type SelectionSetNode, visit } from 'graphql';

/** Stands where conditions leave nothing of a selection set. */
const NOTHING = 'nothing_is_left';

/** The same question without `@skip` and `@include`: what they leave out is not there. */
export function resolveConditions(document: DocumentNode, variables: Readonly<Record<string, unknown>>): DocumentNode {
  const isLeftOut = ({ directives = [] }: { readonly directives?: readonly DirectiveNode[] }) =>
    directives.some((directive) => leavesOut(directive, variables));
  const enter = (node: { readonly directives?: readonly DirectiveNode[] }) => (isLeftOut(node) ? null : undefined);
  return visit(document, {
    Field: { enter },
    InlineFragment: { enter },
    FragmentSpread: { enter },
    Directive: ({ name }) => (name.value === 'skip' || name.value === 'include' ? null : undefined),
    SelectionSet: { leave: (node) => (node.selections.length === 0 ? nothing(node) : undefined) },
  });
}

/** Without what stands where nothing was left. */
export function withoutNothing(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withoutNothing);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).flatMap(([key, value]) => (key === NOTHING ? [] : [[key, withoutNothing(value)]])));
}

function leavesOut({ name, arguments: given = [] }: DirectiveNode, variables: Readonly<Record<string, unknown>>): boolean {
  if (name.value !== 'skip' && name.value !== 'include') return false;
  const value = given[0]?.value;
  const holds = value?.kind === Kind.VARIABLE ? variables[value.name.value] === true : value?.kind === Kind.BOOLEAN && value.value;
  return holds !== (name.value === 'include');
}

function nothing(node: SelectionSetNode): SelectionSetNode {
  const field = {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: NOTHING },
    name: { kind: Kind.NAME, value: '__typename' },
  } as const;
  return { ...node, selections: [field] };
}
