import { type GraphQLLeafType, type GraphQLOutputType, isEnumType, isListType, isNonNullType, isSpecifiedScalarType } from 'graphql';
import { quoted, readOf } from './generated-code.ts';
import { isOutline, type Outline, type OutlineField } from './outline.ts';
import { toWire, type WireText } from './wire.ts';

/** Functions of generated code, and the enums that they look at. */
export interface WriteParts {
  readonly functions: string[];
  readonly enums: ReadonlyMap<unknown, WireText>[];
}

/** What generated writers call: the text of a value of this kind; undefined where it is none, also for null. */
export const WRITERS = {
  writeString: (value: unknown) => (typeof value === 'string' ? stringText(value) : undefined),
  writeId: (value: unknown) => (typeof value === 'string' ? stringText(value) : integerText(value)),
  writeInteger: integerText,
  writeFloat: (value: unknown) => (Number.isFinite(value) ? String(value) : undefined),
  writeBoolean: (value: unknown) => (typeof value === 'boolean' ? String(value) : undefined),
  writeAny: (value: unknown) => leafText(value) ?? undefined,
  writeList,
};

/** Text that JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

function stringText(value: string): WireText {
  return PLAIN.test(value) ? `"${value}"` : toWire(JSON.stringify(value));
}

const FIRST_WITH_EXPONENT = 1e21;

function integerText(value: unknown): WireText | undefined {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < FIRST_WITH_EXPONENT ? String(value) : undefined;
}

/** Any JSON in the place of a leaf. */
export function leafText(value: unknown): WireText | null | undefined {
  switch (typeof value) {
    case 'string':
      return stringText(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : null;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return undefined;
    default:
      return value === null ? null : toWire(JSON.stringify(value) ?? 'null');
  }
}

function writeList(values: unknown, write: (value: unknown) => WireText | undefined): WireText | undefined {
  if (!Array.isArray(values)) return undefined;
  let text = '[';
  for (let index = 0; index < values.length; index += 1) {
    const member = write(values[index]);
    if (member === undefined) return undefined;
    text += index === 0 ? member : `,${member}`;
  }
  return `${text}]`;
}

/**
 * Writes a function that makes the client's text of a value at once, without a tree between; answers its name. The text is undefined where the value
 * is not as the outline says.
 */
export function writeValue({ type, of }: OutlineField, parts: WriteParts): string {
  const one = oneCode(of, parts);
  return define('x', `return ${isNonNullType(type) ? someCode(type.ofType, one, parts) : someCode(type, one, parts)};`, parts);
}

function define(parameter: string, code: string, { functions }: WriteParts): string {
  const name = `write${functions.length}`;
  functions.push(`const ${name} = (${parameter}) => { ${code} };`);
  return name;
}

/** An expression for the text of `x`. */
function valueCode(type: GraphQLOutputType, one: string, parts: WriteParts): string {
  if (isNonNullType(type)) return someCode(type.ofType, one, parts);
  return `x === null || x === undefined ? 'null' : ${someCode(type, one, parts)}`;
}

function someCode(type: GraphQLOutputType, one: string, parts: WriteParts): string {
  return isListType(type) ? `writeList(x, ${define('x', `return ${valueCode(type.ofType, one, parts)};`, parts)})` : one;
}

function oneCode(of: OutlineField['of'], parts: WriteParts): string {
  if (isOutline(of)) return `${writeObject(of, parts)}(x)`;
  if ('typename' in of) return `x === ${quoted(of.typename)} ? ${JSON.stringify(quoted(of.typename))} : undefined`;
  return leafCode(of, parts);
}

function writeObject({ fields }: Outline, parts: WriteParts): string {
  const lines = [...fields].map(([key, { type, of }], index) => {
    const one = oneCode(of, parts);
    const text = 'typename' in of ? one : valueCode(type, one, parts);
    const start = JSON.stringify(`${index === 0 ? '{' : ','}${quoted(key)}:`);
    return `x = ${readOf(key)}; x = ${text}; if (x === undefined) return undefined; s += ${start} + x;`;
  });
  const isNone = `typeof o !== 'object' || o === null || Array.isArray(o)`;
  return define('o', `if (${isNone}) return undefined;\n  let x, s = '';\n  ${lines.join('\n  ')}\n  return s + '}';`, parts);
}

const WRITES: Readonly<Record<string, string>> = {
  String: 'writeString(x)',
  ID: 'writeId(x)',
  Int: 'writeInteger(x)',
  Float: 'writeFloat(x)',
  Boolean: 'writeBoolean(x)',
};

function leafCode(type: GraphQLLeafType, { enums }: WriteParts): string {
  if (isEnumType(type)) return `enums[${enums.push(new Map(type.getValues().map(({ name }) => [name, quoted(name)]))) - 1}].get(x)`;
  return (isSpecifiedScalarType(type) ? WRITES[type.name] : undefined) ?? 'writeAny(x)';
}
