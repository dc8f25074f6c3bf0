import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';

/** `Type.field` of every field that some `@requires` asks for with arguments. Its value under its own name belongs to that subgraph. */
export type RequiredWithArguments = ReadonlySet<string>;

const JOIN_FIELD = 'join__field';

export function requiredWithArguments(supergraphSchema: GraphQLSchema): RequiredWithArguments {
  const found = new Set<string>();
  for (const type of Object.values(supergraphSchema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields()))
      for (const requires of requiresOf(field.astNode?.directives)) collect(requires, type, supergraphSchema, found);
  }
  return found;
}

type Directives = NonNullable<NonNullable<ReturnType<GraphQLSchema['getQueryType']>>['astNode']>['directives'];

/** The `requires` of a field, for each subgraph that has one. */
export function requiresOf(directives: Directives): readonly SelectionSetNode[] {
  return (directives ?? []).flatMap(({ name, arguments: given = [] }) => {
    const value = name.value === JOIN_FIELD ? given.find((each) => each.name.value === 'requires')?.value : undefined;
    const text: unknown = value ? valueFromASTUntyped(value) : undefined;
    return typeof text === 'string' ? [selectionSetOf(text)] : [];
  });
}

function selectionSetOf(text: string): SelectionSetNode {
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('A field set is a selection set.');
  return definition.selectionSet;
}

function collect(set: SelectionSetNode, type: GraphQLNamedType | undefined, schema: GraphQLSchema, found: Set<string>): void {
  for (const node of set.selections) {
    if (node.kind === Kind.INLINE_FRAGMENT)
      collect(node.selectionSet, node.typeCondition ? schema.getType(node.typeCondition.name.value) : type, schema, found);
    if (node.kind !== Kind.FIELD || (!isObjectType(type) && !isInterfaceType(type))) continue;
    if (node.arguments && node.arguments.length > 0) found.add(`${type.name}.${node.name.value}`);
    const field = type.getFields()[node.name.value];
    if (node.selectionSet && field) collect(node.selectionSet, getNamedType(field.type), schema, found);
  }
}
