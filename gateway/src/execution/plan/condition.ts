import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, visit } from 'graphql';

/** The default that the operation gives a Boolean variable. */
export function defaultOf(operation: OperationDefinitionNode, variable: string): boolean {
  const definition = operation.variableDefinitions?.find((each) => each.variable.name.value === variable);
  return definition?.defaultValue?.kind === 'BooleanValue' && definition.defaultValue.value;
}

export function booleanOf(variables: Readonly<Record<string, unknown>>, name: string, defaultValue: boolean): boolean {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return value === undefined ? defaultValue : value === true;
}

/** Variables that stand in a condition, where null may not, although their type lets them be null: they have a default. Of a document of one operation. */
export function conditionsThatMayBeNull(document: DocumentNode, { variableDefinitions = [] }: OperationDefinitionNode): readonly string[] {
  const nullable = variableDefinitions.filter(({ type }) => type.kind !== Kind.NON_NULL_TYPE).map(({ variable }) => variable.name.value);
  if (nullable.length === 0) return nullable;
  const inConditions = new Set<string>();
  visit(document, {
    Directive: ({ name: { value: directive }, arguments: [given] = [] }) => {
      if ((directive === 'skip' || directive === 'include') && given?.value.kind === Kind.VARIABLE)
        inConditions.add(given.value.name.value);
    },
  });
  return nullable.filter((each) => inConditions.has(each));
}

/** GraphQL specification, "All Variable Usages Are Allowed": with a default, a variable that may be null may stand where null may not, and must then not be null. */
export function nullConditionOf(neverNull: readonly string[], variables: Readonly<Record<string, unknown>>): GraphQLError | null {
  const name = neverNull.find((each) => Object.hasOwn(variables, each) && variables[each] === null);
  if (name === undefined) return null;
  const message = `Variable "$${name}" must not be null: it stands in @skip or @include.`;
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
