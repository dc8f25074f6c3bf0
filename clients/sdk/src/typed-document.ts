import { type DocumentNode, parse } from 'graphql';

/** An operation that knows its variables and its answer; structurally the `TypedDocumentNode` that Apollo Client and others take. */
export interface TypedDocument<Data, Variables> extends DocumentNode {
  /** Never there at run time: it carries the types. */
  __apiType?: (variables: Variables) => Data;
}

/** @throws GraphQLError for text that is not GraphQL; whether it fits the schema is not checked */
export function typedDocument<Data, Variables>(text: string): TypedDocument<Data, Variables> {
  return parse(text, { noLocation: true });
}
