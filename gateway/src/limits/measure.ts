import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** What an operation would be with every fragment written out. Infinite where a fragment contains itself. */
export interface Measures {
  readonly depth: number;
  readonly introspectionDepth: number;
  readonly fields: number;
  readonly aliases: number;
  /** The most in one place. */
  readonly directives: number;
  readonly rootFields: readonly string[];
}

interface Weight {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
}

const NOTHING: Weight = { depth: 0, fields: 0, aliases: 0, directives: 0 };
const ENDLESS: Weight = {
  depth: Number.POSITIVE_INFINITY,
  fields: Number.POSITIVE_INFINITY,
  aliases: Number.POSITIVE_INFINITY,
  directives: 0,
};

/**
 * In time linear in the document: each fragment is weighed once, so a ladder of fragments that would be 2^n fields costs n steps. The depth of
 * the recursion is bounded by the number of tokens that the parser lets through.
 */
export function measure(document: DocumentNode, operation: OperationDefinitionNode): Measures {
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [])),
  );
  const weigh = createScales(fragments);
  const roots = rootSelections(operation.selectionSet, fragments);
  const isIntrospection = (each: SelectionNode) =>
    each.kind === Kind.FIELD && (each.name.value === '__schema' || each.name.value === '__type');
  const ordinary = roots.filter((each) => !isIntrospection(each)).map((each) => weigh.selection(each));
  const introspection = roots.filter(isIntrospection).map((each) => weigh.selection(each));
  const all = [weigh.set(operation.selectionSet), ...ordinary, ...introspection];
  const total = weigh.set(operation.selectionSet);
  return {
    depth: Math.max(0, ...ordinary.map(({ depth }) => depth)),
    introspectionDepth: Math.max(0, ...introspection.map(({ depth }) => depth)),
    fields: total.fields,
    aliases: total.aliases,
    directives: Math.max(operation.directives?.length ?? 0, ...all.map(({ directives }) => directives)),
    rootFields: roots.flatMap((each) => (each.kind === Kind.FIELD ? [each.name.value] : [])),
  };
}

function createScales(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const known = new Map<string, Weight>();
  const open = new Set<string>();

  const fragment = (name: string): Weight => {
    const weighed = known.get(name);
    if (weighed) return weighed;
    const definition = fragments.get(name);
    if (!definition) return NOTHING; // validation says so later
    if (open.has(name)) return ENDLESS;
    open.add(name);
    const weight = set(definition.selectionSet);
    open.delete(name);
    known.set(name, weight);
    return weight;
  };
  const selection = (node: SelectionNode): Weight => {
    const directives = node.directives?.length ?? 0;
    if (node.kind === Kind.FIELD) {
      const below = node.selectionSet ? set(node.selectionSet) : NOTHING;
      return {
        depth: below.depth + 1,
        fields: below.fields + 1,
        aliases: below.aliases + (node.alias ? 1 : 0),
        directives: Math.max(directives, below.directives),
      };
    }
    const inner = node.kind === Kind.INLINE_FRAGMENT ? set(node.selectionSet) : fragment(node.name.value);
    return { ...inner, directives: Math.max(directives, inner.directives) };
  };
  const set = (node: SelectionSetNode): Weight => {
    let sum = NOTHING;
    for (const each of node.selections) {
      const weight = selection(each);
      sum = {
        depth: Math.max(sum.depth, weight.depth),
        fields: sum.fields + weight.fields,
        aliases: sum.aliases + weight.aliases,
        directives: Math.max(sum.directives, weight.directives),
      };
    }
    return sum;
  };
  return { selection, set };
}

/** Root fields through fragments, each fragment once. */
function rootSelections(root: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): SelectionNode[] {
  const visited = new Set<string>();
  const walk = ({ selections }: SelectionSetNode): SelectionNode[] =>
    selections.flatMap((each) => {
      if (each.kind === Kind.FIELD) return [each];
      if (each.kind === Kind.INLINE_FRAGMENT) return walk(each.selectionSet);
      if (visited.has(each.name.value)) return [];
      visited.add(each.name.value);
      const fragment = fragments.get(each.name.value);
      return fragment ? walk(fragment.selectionSet) : [];
    });
  return walk(root);
}
