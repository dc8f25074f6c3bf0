import { type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import { quoted, readOf } from './generated-code.ts';
import { type LeafRule, leafRule, ruleName } from './leaf-rules.ts';
import { isOutline, type Outline, type OutlineField } from './outline.ts';
import type { WireText } from './wire.ts';

/** Functions of generated code, and the rules that they call. */
export interface WriteParts {
  readonly functions: string[];
  readonly rules: LeafRule[];
}

/** Undefined where it is no list, or one of its members is not as it should be. */
export function writeList(values: unknown, write: (value: unknown) => WireText | undefined): WireText | undefined {
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
  return `${ruleName(leafRule(of), parts)}.write(x)`;
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
