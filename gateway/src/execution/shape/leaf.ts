import { type GraphQLLeafType, type GraphQLOutputType, isEnumType, isListType, isNonNullType, isSpecifiedScalarType } from 'graphql';
import type { Tree } from '../data/tree.ts';
import { parseWire, type WireText, wireJson } from '../data/wire.ts';

/** The text of a value if it is of its type, else null. */
export type LeafCheck = (value: Tree) => WireText | null;

const QUOTE = 34;
const INTEGER = /^-?\d+$/;
const STARTS_AS_NUMBER = /^[-0-9]/;
const STRINGS = /^\[(?:"[^"\\]*"(?:,"[^"\\]*")*)?\]$/;

const CHECKS: Readonly<Record<string, LeafCheck>> = {
  String: (value) => (typeof value === 'string' && value.charCodeAt(0) === QUOTE ? value : null),
  ID: (value) => (typeof value === 'string' && (value.charCodeAt(0) === QUOTE || isInteger(value)) ? value : null),
  Int: (value) => (typeof value === 'string' && isInteger(value) ? value : null),
  Float: (value) => (typeof value === 'string' && STARTS_AS_NUMBER.test(value) ? value : null),
  Boolean: (value) => (value === 'true' || value === 'false' ? value : null),
};

/** A scalar of the schema's own may be any JSON. */
const anything: LeafCheck = (value) => (typeof value === 'string' ? value : null);

/** Checked where the schema says what a value is: a subgraph may answer anything, a client must not see it. */
export function leafCheck(type: GraphQLLeafType): LeafCheck {
  if (isEnumType(type)) return enumCheck(type.getValues().map(({ name }) => name));
  return isSpecifiedScalarType(type) ? (CHECKS[type.name] ?? anything) : anything;
}

function isInteger(text: WireText): boolean {
  return INTEGER.test(text) || (STARTS_AS_NUMBER.test(text) && Number.isInteger(Number(text)) && !String(Number(text)).includes('e'));
}

function enumCheck(names: readonly string[]): LeafCheck {
  const texts = new Map<Tree, WireText>(names.map((name) => [`"${name}"`, `"${name}"`]));
  return (value) => texts.get(value) ?? null;
}

/** A list of leaves came as one text: only what must be looked at is taken apart. `type` is the list type. */
export function leafListCheck(type: GraphQLOutputType, leaf: GraphQLLeafType): LeafCheck {
  const check = leafCheck(leaf);
  const general: LeafCheck = (value) => (typeof value === 'string' ? checkedList(parseWire(value), type, check) : null);
  const isText = leaf.name === 'String' || leaf.name === 'ID';
  if (!isText || !isListType(type)) return general;
  return (value) => (typeof value === 'string' && STRINGS.test(value) ? value : general(value));
}

function checkedList(value: unknown, type: GraphQLOutputType, check: LeafCheck): WireText | null {
  if (value === null || value === undefined) return null;
  if (!isListType(type)) return check(wireJson(value));
  if (!Array.isArray(value)) return null;
  const { ofType } = type;
  const isRequired = isNonNullType(ofType);
  const inner: GraphQLOutputType = isRequired ? ofType.ofType : ofType;
  const texts = value.map((each: unknown) => checkedList(each, inner, check));
  return isRequired && texts.includes(null) ? null : `[${texts.map((text) => text ?? 'null').join(',')}]`;
}
