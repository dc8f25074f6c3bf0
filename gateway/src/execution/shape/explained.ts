import type { GraphQLError } from 'graphql';

/** Positions of which an error says something, by the parts of their paths. */
export interface Explained {
  /** An error is about all of this. */
  isAll: boolean;
  readonly below: Map<string | number, Explained>;
}

/** Null where no error has a path. */
export function explainedBy(errors: readonly GraphQLError[]): Explained | null {
  const paths = errors.flatMap(({ path }) => (path ? [path] : []));
  if (paths.length === 0) return null;
  const root: Explained = { isAll: false, below: new Map() };
  for (const path of paths) {
    let at = root;
    for (const part of path) {
      const next = at.below.get(part) ?? { isAll: false, below: new Map() };
      at.below.set(part, next);
      at = next;
    }
    at.isAll = true;
  }
  return root;
}

/** Null where no error is about a position that is neither this one nor above nor below it. */
export function explainedBelow(explained: Explained | null, part: string | number): Explained | null {
  if (explained === null || explained.isAll) return explained;
  return explained.below.get(part) ?? null;
}
