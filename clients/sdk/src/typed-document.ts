import type { DocumentNode } from 'graphql';

/** An operation that knows its variables and its answer; structurally the `TypedDocumentNode` that Apollo Client and others take. */
export interface TypedDocument<Data, Variables> extends DocumentNode {
  /** Never there at run time: it carries the types. */
  __apiType?: (variables: Variables) => Data;
}
