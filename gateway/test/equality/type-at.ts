import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

interface Asked {
  readonly set: SelectionSetNode;
  readonly type: GraphQLNamedType | undefined;
}

/** What the schema says that stands at a path of the answer, without its lists; undefined where nothing is asked for there. */
export function typeAt(path: readonly (string | number)[], document: DocumentNode, schema: GraphQLSchema): GraphQLNamedType | undefined {
  const operation = getOperationAST(document);
  const root = operation ? (schema.getRootType(operation.operation) ?? undefined) : undefined;
  let asked: readonly Asked[] = operation ? [{ set: operation.selectionSet, type: root }] : [];
  let type: GraphQLNamedType | undefined = root;
  for (const key of path.filter((part) => typeof part === 'string')) {
    const fields = asked.flatMap((each) => fieldsOf(each, document, schema)).filter(({ node }) => (node.alias ?? node.name).value === key);
    type = fields[0]?.type;
    asked = fields.flatMap((each) => (each.node.selectionSet ? [{ set: each.node.selectionSet, type: each.type }] : []));
  }
  return type;
}

function fieldsOf(
  { set, type }: Asked,
  document: DocumentNode,
  schema: GraphQLSchema,
): readonly { readonly node: FieldNode; readonly type: GraphQLNamedType | undefined }[] {
  return set.selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) {
      const definitions = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
      const field = definitions[node.name.value];
      return [{ node, type: field && getNamedType(field.type) }];
    }
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragmentOf(node.name.value, document);
    if (!fragment) return [];
    const condition = fragment.typeCondition?.name.value;
    return fieldsOf({ set: fragment.selectionSet, type: condition === undefined ? type : schema.getType(condition) }, document, schema);
  });
}

function fragmentOf(name: string, { definitions }: DocumentNode) {
  return definitions.find((each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name);
}
