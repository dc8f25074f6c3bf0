import type { GraphQLNamedType, GraphQLSchema } from 'graphql';
import type { Tree } from './tree.ts';
import { parseWire } from './wire.ts';

/**
 * What is made once per type of the schema, when a `__typename` first names it; `otherwise` for what names none. The keys are the schema's own
 * words: those of an answer would keep all of its text, and a subgraph could fill the map with names.
 */
export function perType<T>(schema: GraphQLSchema, make: (type: GraphQLNamedType) => T, otherwise: T): (typename: Tree) => T {
  const made = new Map<Tree, T>();
  const find = (typename: Tree): T => {
    const name = typeof typename === 'string' ? parseWire(typename) : null;
    const type = typeof name === 'string' ? schema.getType(name) : undefined;
    if (!type) return otherwise;
    const key = textOf(type);
    const value = made.get(key) ?? make(type); // known already where the name came with an escape
    made.set(key, value);
    return value;
  };
  return (typename) => made.get(typename) ?? find(typename);
}

/** As an answer has it. */
export function textOf({ name }: GraphQLNamedType): string {
  return `"${name}"`;
}
