import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Conditions, When } from './conditions.ts';

/** A selection set and under what conditions it counts. */
export interface SetUse {
  readonly set: SelectionSetNode;
  readonly when: When;
}

export interface FieldUse {
  readonly node: FieldNode;
  readonly when: When;
}

/** Response key → every selection of it that is for this type, in the order of the answer. */
export type Fields = ReadonlyMap<string, readonly FieldUse[]>;

export interface CollectParts {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly conditions: Conditions;
}

/** CollectFields of the GraphQL specification, at compile time: what depends on variables is kept as a condition. */
export function collectFields(type: GraphQLCompositeType, sets: readonly SetUse[], parts: CollectParts): Fields {
  const fields = new Map<string, FieldUse[]>();
  for (const { set, when } of sets) collect(type, set, when, parts, fields);
  return fields;
}

function collect(
  type: GraphQLCompositeType,
  set: SelectionSetNode,
  around: When,
  parts: CollectParts,
  into: Map<string, FieldUse[]>,
): void {
  for (const node of set.selections) {
    const when = parts.conditions.within(around, node);
    if (!when) continue;
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value;
      const known = into.get(key);
      if (known) known.push({ node, when });
      else into.set(key, [{ node, when }]);
      continue;
    }
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : parts.fragments.get(node.name.value);
    const condition = fragment?.typeCondition?.name.value;
    if (fragment && (condition === undefined || isFor(parts.schema, condition, type)))
      collect(type, fragment.selectionSet, when, parts, into);
  }
}

/** `type` may be an interface: of an interface object, nothing more is known in the answer. */
function isFor(schema: GraphQLSchema, condition: string, type: GraphQLCompositeType): boolean {
  if (condition === type.name) return true;
  const wanted = schema.getType(condition);
  return isAbstractType(wanted) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wanted, type);
}
