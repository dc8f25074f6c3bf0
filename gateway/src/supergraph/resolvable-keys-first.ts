import { type ConstDirectiveNode, Kind, parse, print, visit } from 'graphql';

/**
 * The planner comes back to a subgraph, for what `@requires` had to fetch elsewhere, by the first key that the subgraph names, although it may be
 * one by which the subgraph resolves nothing. With the keys that resolve named first, it takes one of those.
 */
export function resolvableKeysFirst(supergraphSdl: string): string {
  if (!/resolvable: *false/.test(supergraphSdl)) return supergraphSdl;
  const reorder = <T extends { readonly directives?: readonly ConstDirectiveNode[] }>(node: T): T => {
    const { directives = [] } = node;
    return { ...node, directives: [...directives.filter(isResolvable), ...directives.filter((each) => !isResolvable(each))] };
  };
  return print(visit(parse(supergraphSdl), { ObjectTypeDefinition: reorder, InterfaceTypeDefinition: reorder }));
}

function isResolvable({ name, arguments: given = [] }: ConstDirectiveNode): boolean {
  if (name.value !== 'join__type') return true;
  return !given.some(({ name: argument, value }) => argument.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value);
}
