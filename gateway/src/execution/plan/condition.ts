import type { OperationDefinitionNode } from 'graphql';

/** The default that the operation gives a Boolean variable. */
export function defaultOf(operation: OperationDefinitionNode, variable: string): boolean {
  const definition = operation.variableDefinitions?.find((each) => each.variable.name.value === variable);
  return definition?.defaultValue?.kind === 'BooleanValue' && definition.defaultValue.value;
}

export function booleanOf(variables: Readonly<Record<string, unknown>>, name: string, defaultValue: boolean): boolean {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return value === undefined ? defaultValue : value === true;
}
