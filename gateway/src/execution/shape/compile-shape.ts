import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type CodeMeter, generate, property, quoted } from '../data/generated-code.ts';
import { perType, textOf } from '../data/per-type.ts';
import { type Tree, type TreeObject, UNPRINTED } from '../data/tree.ts';
import type { WireText } from '../data/wire.ts';
import type { Places } from '../plan/places.ts';
import { collectFields, type FieldUse, type SetUse } from './collect-fields.ts';
import { Conditions, expressionOf } from './conditions.ts';
import { type Lost, leafCheck } from './leaf.ts';
import type { OutlineParts } from './outlines.ts';

/** The text of a value, or null where it is null. */
type Print = (value: Tree, conditions: readonly boolean[]) => WireText | null;

export interface Shape {
  /** `introspection` holds the text of each root field about the schema. */
  print(root: TreeObject, conditions: readonly boolean[], introspection: ReadonlyMap<string, WireText>): Printed;
  readonly conditions: Conditions;
  /** Whether there are root fields that only subgraphs can answer, whatever the variables. */
  readonly needsPlan: boolean;
  /** Generates the printers of all types that values may have, which else happens when a type is first met. */
  prepare(): void;
}

export interface Printed {
  /** The `data` of the answer as JSON; null where null has spread up to it. */
  readonly text: WireText | null;
  /** Somewhere the client gets null in the place of what was answered. */
  readonly isLessThanAnswered: boolean;
}

interface Parts extends OutlineParts {
  readonly places: Places;
  readonly meter: CodeMeter;
  readonly prints: Map<string, Print>;
  readonly setIds: Map<SelectionSetNode, number>;
  readonly later: (() => void)[];
  readonly lost: Lost;
}

const NO_TEXT: ReadonlyMap<string, WireText> = new Map();

/** What a client asks for, before anything is known about how it is answered. */
export interface ClientShape extends OutlineParts {
  readonly type: GraphQLObjectType;
  readonly sets: readonly SetUse[];
}

export interface ShapeParts {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly schema: GraphQLSchema;
  /** The key of the answer for a key of the document. */
  readonly keyOf: (key: string) => string;
}

export function clientShape({ document, operation, schema, keyOf }: ShapeParts): ClientShape {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of document.definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  const type = schema.getRootType(operation.operation);
  if (!type) throw new TypeError('The schema has no root type for the operation.');
  const sets = [{ set: operation.selectionSet, when: [] }];
  return { type, sets, schema, fragments, conditions: new Conditions(document, operation), keyOf };
}

/** Generates the functions that print the answer to one operation: one per selection set and type, at first use where the type is known late. */
export function compileShape({ type, sets, ...asked }: ClientShape, places: Places, meter: CodeMeter): Shape {
  const parts: Parts = { ...asked, places, meter, prints: new Map(), setIds: new Map(), later: [], lost: { isAny: false } };
  const { conditions } = asked;
  const state = { introspection: NO_TEXT };
  const print = objectPrint(type, sets, '', parts, (key) => state.introspection.get(key) ?? 'null');
  const roots = [...collectFields(type, sets, parts).values()].flat();
  return {
    conditions,
    needsPlan: roots.some(({ node, when }) => !node.name.value.startsWith('__') && when.length === 0),
    print: (root, values, texts) => {
      state.introspection = texts;
      parts.lost.isAny = false;
      const text = print(root, values);
      return { text, isLessThanAnswered: text === null || parts.lost.isAny };
    },
    prepare: () => {
      for (let next = parts.later.pop(); next; next = parts.later.pop()) next();
    },
  };
}

export function isAboutSchema(field: string): boolean {
  return field === '__schema' || field === '__type';
}

/** One object whose type is known. `answered` prints root fields about the schema. */
function objectPrint(
  type: GraphQLCompositeType,
  sets: readonly SetUse[],
  path: string,
  parts: Parts,
  answered?: (key: string) => WireText,
): Print {
  const fields = collectFields(type, sets, parts);
  const scope: Record<string, unknown> = { answered, lost: parts.lost };
  const isConditional = [...fields.values()].some((uses) => expressionOf(uses.map(({ when }) => when)) !== null);
  const lines: string[] = [];
  for (const [key, uses] of fields) {
    const value = fieldCode(type, key, uses, path, parts, scope);
    const separator = isConditional ? 'e' : JSON.stringify(lines.length === 0 ? '' : ',');
    const put = `s += ${separator} + ${JSON.stringify(`${quoted(parts.keyOf(key))}:`)} + v;${isConditional ? " e = ',';" : ''}`;
    const condition = expressionOf(uses.map(({ when }) => when));
    lines.push(condition === null ? `${value} ${put}` : `if (${condition}) { ${value} ${put} }`);
  }
  const source = `return (o, c) => {
  if (typeof o !== 'object' || o === null || Array.isArray(o)) return null;
  let s = '{', e = '', v, x;
  ${lines.join('\n  ')}
  return s + '}';
};`;
  return generate(source, scope, parts.meter);
}

/** What is done where `v`, the text of `x`, is null and may be: a value that was there is lost. */
const NULLED = "{ if (x != null) lost.isAny = true; v = 'null'; }";

/** Leaves the text of the field in `v`, or returns null from the object. */
function fieldCode(
  type: GraphQLCompositeType,
  key: string,
  uses: readonly FieldUse[],
  path: string,
  parts: Parts,
  scope: Record<string, unknown>,
): string {
  const name = uses[0]?.node.name.value ?? '';
  if (name === '__typename') return isObjectType(type) ? `v = ${JSON.stringify(quoted(type.name))};` : 'return null;';
  if (isAboutSchema(name)) return `v = answered(${quoted(key)});`;
  const field = isUnionType(type) ? undefined : type.getFields()[name];
  if (!field) return 'return null;';
  const print = `p${Object.keys(scope).length}`;
  const sets = uses.flatMap(({ node, when }) => (node.selectionSet ? [{ set: node.selectionSet, when }] : []));
  const at = path === '' ? key : `${path}.${key}`;
  scope[print] = valuePrint(getNullableType(field.type), sets, at, parts);
  const ifNull = isNonNullType(field.type) ? 'return null;' : NULLED;
  const isAsItCame = parts.places.mayBeText(at) ? `typeof x === 'string' ? x : ` : '';
  return `x = o${property(key)}; v = ${isAsItCame}${print}(x, c); if (v === null) ${ifNull}`;
}

function valuePrint(type: GraphQLOutputType, sets: readonly SetUse[], path: string, parts: Parts): Print {
  const named = getNamedType(type);
  if (isLeafType(named)) return leafCheck(type, named, parts.lost);
  if (isListType(type)) {
    const print = valuePrint(getNullableType(type.ofType), sets, path, parts);
    return listPrint(print, isNonNullType(type.ofType), parts);
  }
  return compositePrint(named as GraphQLCompositeType, sets, path, parts); // neither leaf nor list
}

function listPrint(print: Print, isRequired: boolean, { lost, meter }: Parts): Print {
  const ifNull = isRequired ? 'return null;' : NULLED;
  const source = `return (a, c) => {
  if (!Array.isArray(a)) return null;
  let s = '[';
  for (let i = 0; i < a.length; i++) {
    const x = a[i];
    let v = print(x, c);
    if (v === null) ${ifNull}
    s += i === 0 ? v : ',' + v;
  }
  return s + ']';
};`;
  return generate(source, { print, lost }, meter);
}

/** The same sets for the same type at the same place are printed by the same function. */
function compositePrint(type: GraphQLCompositeType, sets: readonly SetUse[], path: string, parts: Parts): Print {
  const id = `${path}|${type.name}|${sets.map((use) => setId(use, parts)).join()}`;
  const known = parts.prints.get(id);
  if (known) return known;
  const print = isAbstractType(type) ? abstractPrint(type, sets, path, parts) : objectPrint(type, sets, path, parts);
  const { places, prints, meter } = parts;
  const remembered = places.mayRepeat(path) ? sharedPrint(print, prints.size, places.isShared(path), meter) : print;
  parts.prints.set(id, remembered);
  return remembered;
}

function setId({ set, when }: SetUse, { setIds }: Parts): string {
  let id = setIds.get(set);
  if (id === undefined) {
    id = setIds.size;
    setIds.set(set, id);
  }
  return `${id}${when.map(({ variable, is }) => `${is ? '+' : '-'}${variable}`).join('')}`;
}

/**
 * An object that stands for many positions is printed once. A text that was put together is a tree of its parts until somebody reads a character
 * of it: read at the second position, its parts are copied together once and not at every position.
 */
function sharedPrint(print: Print, id: number, isAlways: boolean, meter: CodeMeter): Print {
  const source = `return (o, c) => {
  if (typeof o !== 'object' || o === null) return null;
  if (o.textOf === ${id}) return o.text !== null && o.text.charCodeAt(0) === 123 ? o.text : null;
  ${isAlways ? '' : `if (o.textOf === ${UNPRINTED} || o.textOf === undefined) return print(o, c);`}
  o.text = print(o, c);
  o.textOf = ${id};
  return o.text;
};`;
  return generate(source, { print }, meter);
}

function abstractPrint(declared: GraphQLCompositeType, sets: readonly SetUse[], path: string, parts: Parts): Print {
  // An interface too: where only an interface object is known.
  const print = (type: GraphQLNamedType) => (isCompositeType(type) ? objectPrint(type, sets, path, parts) : nothing);
  const printOf = perType(parts.schema, print, nothing);
  const possible = isAbstractType(declared) ? parts.schema.getPossibleTypes(declared) : [];
  parts.later.push(() => {
    for (const type of possible) printOf(textOf(type));
  });
  const unnamed = textOf(declared);
  return (value, conditions) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return printOf(value.$__typename ?? unnamed)(value, conditions);
  };
}

/** For what clients may not see, and for what is no type. */
const nothing: Print = () => null;
