import { type GraphQLObjectType, GraphQLString, getNamedType, isLeafType, isObjectType } from 'graphql';
import type { Outline, OutlineField, Outlines } from '../data/outline.ts';
import { type CollectParts, collectFields, type FieldUse, type SetUse } from './collect-fields.ts';
import { expressionOf } from './conditions.ts';

export interface OutlineParts extends CollectParts {
  /** The key of the answer for a key of the document. */
  readonly keyOf: (key: string) => string;
}

/** Of every value that is or holds objects whose type is known beforehand and whose keys depend on nothing. */
export function outlinesOf(root: GraphQLObjectType, sets: readonly SetUse[], parts: OutlineParts): Outlines {
  const found: Found = new Map();
  outlineOf(root, sets, '', parts, found);
  return found;
}

type Found = Map<string, OutlineField & { readonly of: Outline }>;

/** Null where there is none for the object itself; those of its parts are found all the same. */
function outlineOf(type: GraphQLObjectType, sets: readonly SetUse[], path: string, parts: OutlineParts, found: Found): Outline | null {
  const fields = new Map<string, OutlineField>();
  let isWhole = true;
  for (const [key, uses] of collectFields(type, sets, parts)) {
    const field = fieldOf(type, uses, path === '' ? key : `${path}.${key}`, parts, found);
    const isAlways = expressionOf(uses.map(({ when }) => when)) === null && parts.keyOf(key) === key;
    if (field && isAlways) fields.set(key, field);
    else isWhole = false;
  }
  return isWhole ? { fields } : null;
}

function fieldOf(
  parent: GraphQLObjectType,
  uses: readonly FieldUse[],
  path: string,
  parts: OutlineParts,
  found: Found,
): OutlineField | null {
  const name = uses[0]?.node.name.value ?? '';
  if (name === '__typename') return { type: GraphQLString, of: { typename: parent.name } };
  const type = parent.getFields()[name]?.type;
  if (!type) return null;
  const named = getNamedType(type);
  if (isLeafType(named)) return { type, of: named };
  if (!isObjectType(named)) return null;
  const sets = uses.flatMap(({ node, when }) => (node.selectionSet ? [{ set: node.selectionSet, when }] : []));
  const of = outlineOf(named, sets, path, parts, found);
  if (!of) return null;
  found.set(path, { type, of });
  return { type, of };
}
