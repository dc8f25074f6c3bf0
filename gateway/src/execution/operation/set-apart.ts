import {
  type DocumentNode,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { RequiredWithArguments } from '../../supergraph/required-arguments.ts';
import { freeName } from '../plan/free-name.ts';

export interface SetApart {
  readonly document: DocumentNode;
  /** The key of the answer for a key of the rewritten document. */
  keyOf(key: string): string;
  readonly isChanged: boolean;
}

const PREFIX = 'tessera_';

/**
 * The planner knows fields by their key alone: where a client asks for `comments(limit: 1)` and a subgraph requires `comments(limit: 3)` of the
 * same object, one of them gets the other's value. So what a client asks of such a field goes by a name of its own through the whole plan.
 */
export function setApart(document: DocumentNode, schema: GraphQLSchema, required: RequiredWithArguments): SetApart {
  const unchanged: SetApart = { document, keyOf: (key) => key, isChanged: false };
  if (required.size === 0) return unchanged;
  const prefix = freePrefix(document);
  const info = new TypeInfo(schema);
  let isChanged = false;
  const rewritten = visit(
    document,
    visitWithTypeInfo(info, {
      Field: (node) => {
        const parent = info.getParentType();
        if (!parent || !isRequired(parent.name, node.name.value, schema, required)) return undefined;
        isChanged = true;
        return { ...node, alias: { kind: Kind.NAME, value: `${prefix}${node.alias?.value ?? node.name.value}` } };
      },
    }),
  );
  if (!isChanged) return unchanged;
  return { document: rewritten, isChanged, keyOf: (key) => (key.startsWith(prefix) ? key.slice(prefix.length) : key) };
}

/** Also where the client asks an interface whose implementation it is. */
function isRequired(typeName: string, field: string, schema: GraphQLSchema, required: RequiredWithArguments): boolean {
  if (required.has(`${typeName}.${field}`)) return true;
  const type = schema.getType(typeName);
  if (isAbstractType(type)) return schema.getPossibleTypes(type).some(({ name }) => required.has(`${name}.${field}`));
  return isObjectType(type) && type.getInterfaces().some((each) => isInterfaceType(each) && required.has(`${each.name}.${field}`));
}

/** One that no name of the client begins with. */
function freePrefix(document: DocumentNode): string {
  const names = new Set<string>();
  visit(document, { Name: ({ value }) => void names.add(value) });
  return freeName(PREFIX, (prefix) => [...names].some((name) => name.startsWith(prefix)));
}
