import { type DocumentNode, GraphQLError, getOperationAST, type OperationDefinitionNode, separateOperations } from 'graphql';

/** The operation of that name with the fragments that it uses: other operations of the document may have variables of the same names. */
export function oneOperation(document: DocumentNode, name: string | undefined): DocumentNode {
  const operation = operationIn(document, name);
  return separateOperations(document)[operation.name?.value ?? ''] ?? document;
}

/** The one of that name, or the only one. */
export function operationIn(document: DocumentNode, name?: string): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (!operation)
    throw new GraphQLError('Name one operation of the document in operationName.', { extensions: { code: 'BAD_USER_INPUT' } });
  return operation;
}
