import type { GraphQLLeafType, GraphQLOutputType } from 'graphql';
import type { Selection } from './selection.ts';

/**
 * What the client gets of objects of one type at one place: always these keys, in this order. Where a subgraph is asked for exactly that, its text
 * is the client's text once it is checked.
 */
export interface Outline {
  readonly fields: ReadonlyMap<string, OutlineField>;
}

/** `typename`: the value is the name of the type. */
export interface OutlineField {
  readonly type: GraphQLOutputType;
  readonly of: Outline | GraphQLLeafType | { readonly typename: string };
}

export function isOutline(of: OutlineField['of']): of is Outline {
  return 'fields' in of;
}

/** An object of the client's answer, by path. */
export type Outlines = ReadonlyMap<string, OutlineField & { readonly of: Outline }>;

/** Whether the answer to this selection has every key of the outline, in its order, and no other. */
export function isOutlined(selection: Selection, { fields }: Outline): boolean {
  if (selection.fields.size !== fields.size || fields.size === 0) return false;
  const asked = [...selection.fields];
  return [...fields].every(([key, { of }], index) => {
    const [askedKey, below = null] = asked[index] ?? [];
    if (askedKey !== key) return false;
    return isOutline(of) ? below !== null && isOutlined(below, of) : below === null;
  });
}
