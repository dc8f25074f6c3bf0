import {
  GraphQLError,
  type GraphQLScalarType,
  type GraphQLSchema,
  isScalarType,
  isSpecifiedScalarType,
  valueFromASTUntyped,
} from 'graphql';

/**
 * Lets a served schema refuse what these scalars refuse, by name, wherever it refuses a wrong Int: before anything is asked of a subgraph. What they
 * take goes on as it came, for the subgraph reads it again. The supergraph knows its own scalars by name only.
 */
export function checkScalars(schema: GraphQLSchema, scalars: readonly GraphQLScalarType[]): void {
  for (const scalar of scalars) {
    const served = schema.getType(scalar.name);
    if (!isScalarType(served) || isSpecifiedScalarType(served)) continue; // those that are specified belong to all schemas
    served.parseValue = (value) => {
      scalar.parseValue(value);
      return value;
    };
    served.parseLiteral = (node, variables) => {
      try {
        scalar.parseLiteral(node, variables);
      } catch (error) {
        throw error instanceof GraphQLError && !error.nodes ? new GraphQLError(error.message, { nodes: node }) : error;
      }
      return valueFromASTUntyped(node, variables);
    };
  }
}
