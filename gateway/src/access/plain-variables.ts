import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLScalarType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isSpecifiedScalarType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';

type Values = Readonly<Record<string, unknown>>;
/** Whether coercion would leave the value as it is. False where that is not certain. */
type IsPlain = (value: unknown) => boolean;

const MAX_INT = 2 ** 31 - 1;
const MIN_INT = -(2 ** 31);

const SPECIFIED: Readonly<Record<string, IsPlain>> = {
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => Number.isInteger(value) && Number(value) <= MAX_INT && Number(value) >= MIN_INT,
  Float: (value) => Number.isFinite(value),
};

/**
 * Looks at variables that need no coercion, as nearly all do, without making anything anew: answers whether coercion would find no mistake in
 * them and leave them as they are. Where it answers false, graphql-js has to look at them.
 */
export function compilePlainVariables(
  { variableDefinitions = [] }: OperationDefinitionNode,
  schema: GraphQLSchema,
): (variables: Values) => boolean {
  const known = new Map<GraphQLInputObjectType, IsPlain>();
  const checks = variableDefinitions.map(({ variable, type: node, defaultValue }) => {
    const type = typeFromAST(schema, node);
    const name = variable.name.value;
    if (!isInputType(type)) return never;
    return memberCheck(name, defaultValue !== undefined || isNonNullType(type), plainOf(type, known));
  });
  return (variables) => checks.every((isPlain) => isPlain(variables));
}

const never: IsPlain = () => false;

/** A member that is not there is plain unless there must be one, or a default takes its place. */
function memberCheck(name: string, isNeeded: boolean, isPlain: IsPlain): (holder: Values) => boolean {
  return (holder) => (Object.hasOwn(holder, name) ? isPlain(holder[name]) : !isNeeded);
}

function plainOf(type: GraphQLInputType, known: Map<GraphQLInputObjectType, IsPlain>): IsPlain {
  if (isNonNullType(type)) {
    const isPlain = plainOf(type.ofType, known);
    return (value) => value !== null && isPlain(value);
  }
  if (isListType(type)) {
    const isPlain = plainOf(type.ofType, known);
    return (value) => value === null || (Array.isArray(value) && value.every(isPlain));
  }
  const isPlain = isInputObjectType(type) ? objectCheck(type, known) : leafCheck(type);
  return (value) => value === null || isPlain(value);
}

function leafCheck(type: GraphQLLeafType): IsPlain {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().flatMap(({ name, value }) => (value === name ? [name] : [])));
    return (value) => names.has(value);
  }
  return isSpecifiedScalarType(type) ? (SPECIFIED[type.name] ?? never) : (value) => value !== undefined && isLeftAsItIs(type, value);
}

function isLeftAsItIs(type: GraphQLScalarType, value: unknown): boolean {
  try {
    return type.parseValue(value) === value;
  } catch {
    return false; // and graphql-js says why
  }
}

/** Types may hold themselves. */
function objectCheck(type: GraphQLInputObjectType, known: Map<GraphQLInputObjectType, IsPlain>): IsPlain {
  const made = known.get(type);
  if (made) return made;
  if (type.isOneOf) return never;
  let isPlain = never;
  known.set(type, (value) => isPlain(value));
  const fields = Object.values(type.getFields());
  const names = new Set(fields.map(({ name }) => name));
  const checks = fields.map((field) =>
    memberCheck(field.name, field.defaultValue !== undefined || isNonNullType(field.type), plainOf(field.type, known)),
  );
  isPlain = (value) =>
    isRecord(value) && Object.keys(value).every((name) => names.has(name)) && checks.every((isPlainMember) => isPlainMember(value));
  return isPlain;
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
