import { type GraphQLLeafType, isEnumType, isSpecifiedScalarType } from 'graphql';
import { writeDeep } from './deep-json.ts';
import { quoted } from './generated-code.ts';
import type { Tree } from './tree.ts';
import { parseWire, toWire, type WireText } from './wire.ts';

/**
 * What a value of one leaf type is. It is looked at where it is least work: in a tree, in text that is handed on, and in objects. `check` says what
 * is right; the others say the same of what they take, and leave the rest to it.
 */
export interface LeafRule {
  /** From the JSON of a value, what the client gets; null where it is not of the type. */
  readonly check: (value: Tree) => WireText | null;
  /** A regular expression for text that goes to the client as it is: it knows no escapes. Null where it would be too long. */
  readonly pattern: string | null;
  /** A statement that passes such text and is surprised by any other. `s` is the cursor; `rule` is an expression for the rule itself. */
  readonly pass: (rule: string) => string;
  /** From a value of JavaScript; undefined where it is not of the type, also for null. */
  readonly write: (value: unknown) => WireText | undefined;
}

interface EnumRule extends LeafRule {
  readonly texts: ReadonlySet<WireText>;
}

/** Whatever has no more digits is finite as a double. */
export const MAX_FINITE_DIGITS = 300;
/** Longer enums are looked up. */
const MAX_ENUM_PATTERN = 300;

const QUOTE = 34;
const STARTS_AS_NUMBER = /^[-0-9]/;
const DIGITS = /^-?\d+$/;
const DIGITS_AND_POINT = /^-?[\d.]+$/;
const STRING = '"[^"\\\\]*"';
const INTEGER = `-?(?:0|[1-9]\\d{0,${MAX_FINITE_DIGITS - 1}})`;

const isString = (value: WireText): boolean => value.charCodeAt(0) === QUOTE;
const isNumberOf = (value: WireText, plain: RegExp, holds: (value: unknown) => boolean): boolean =>
  (value.length <= MAX_FINITE_DIGITS && plain.test(value)) || (STARTS_AS_NUMBER.test(value) && holds(Number(value)));
/** However it is written, and of any size that a number of JavaScript has. */
const isInteger = (value: WireText): boolean => isNumberOf(value, DIGITS, Number.isInteger);

const RULES: Readonly<Record<string, LeafRule>> = {
  String: {
    check: (value) => (typeof value === 'string' && isString(value) ? value : null),
    pattern: STRING,
    pass: () => 's.passString();',
    write: writeString,
  },
  ID: {
    check: (value) => (typeof value === 'string' && (isString(value) || isInteger(value)) ? value : null),
    pattern: STRING,
    pass: () => 's.passId();',
    write: (value) => writeString(value) ?? writeInteger(value),
  },
  Int: {
    check: (value) => (typeof value === 'string' && isInteger(value) ? value : null),
    pattern: INTEGER,
    pass: () => 's.passInteger();',
    write: writeInteger,
  },
  Float: {
    check: (value) => (typeof value === 'string' && isNumberOf(value, DIGITS_AND_POINT, Number.isFinite) ? value : null),
    pattern: `${INTEGER}(?:\\.\\d+)?`,
    pass: () => 's.passFloat();',
    write: (value) => (Number.isFinite(value) ? String(value) : undefined),
  },
  Boolean: {
    check: (value) => (value === 'true' || value === 'false' ? value : null),
    pattern: '(?:true|false)',
    pass: () => 's.passBoolean();',
    write: (value) => (typeof value === 'boolean' ? String(value) : undefined),
  },
};

/** A scalar of the schema's own may be any JSON. */
const ANYTHING: LeafRule = {
  check: (value) => (typeof value === 'string' ? value : null),
  pattern: STRING,
  pass: () => 's.passAny();',
  write: (value) => leafText(value) ?? undefined,
};

const enumRules = new WeakMap<GraphQLLeafType, LeafRule>();

export function leafRule(type: GraphQLLeafType): LeafRule {
  if (!isEnumType(type)) return (isSpecifiedScalarType(type) ? RULES[type.name] : undefined) ?? ANYTHING;
  const rule = enumRules.get(type) ?? enumRule(type.getValues().map(({ name }) => name));
  enumRules.set(type, rule);
  return rule;
}

/** In generated code that has `rules`; each rule once. */
export function ruleName(rule: LeafRule, { rules }: { readonly rules: LeafRule[] }): string {
  const known = rules.indexOf(rule);
  return `rules[${known === -1 ? rules.push(rule) - 1 : known}]`;
}

function enumRule(names: readonly string[]): EnumRule {
  const texts = new Map<unknown, WireText>(names.map((name) => [quoted(name), quoted(name)]));
  const byName = new Map<unknown, WireText>(names.map((name) => [name, quoted(name)]));
  const pattern = `(?:${[...texts.values()].join('|')})`;
  return {
    check: (value) => texts.get(value) ?? (isEscaped(value) ? (byName.get(parseWire(value)) ?? null) : null),
    pattern: pattern.length <= MAX_ENUM_PATTERN ? pattern : null,
    pass: (rule) => `s.passOneOf(${rule}.texts);`,
    write: (value) => byName.get(value),
    texts: new Set(texts.values()),
  };
}

function isEscaped(value: Tree): value is WireText {
  return typeof value === 'string' && isString(value) && value.includes('\\');
}

/** Text that JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

function writeString(value: unknown): WireText | undefined {
  return typeof value === 'string' ? stringText(value) : undefined;
}

function stringText(value: string): WireText {
  return PLAIN.test(value) ? `"${value}"` : toWire(JSON.stringify(value));
}

function writeInteger(value: unknown): WireText | undefined {
  return Number.isInteger(value) ? String(value) : undefined;
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
      return value === null ? null : toWire(writeDeep(value));
  }
}
