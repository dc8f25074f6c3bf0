import { type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import { type CodeMeter, quoted } from './generated-code.ts';
import { type LeafRule, leafRule, ruleName } from './leaf-rules.ts';
import { isOutline, type Outline, type OutlineField } from './outline.ts';

/** Functions of generated code, and the constants that they look at. */
export interface PassParts {
  readonly functions: string[];
  readonly rules: LeafRule[];
  readonly patterns: RegExp[];
  readonly meter: CodeMeter;
}

/** Of members that are passed at once: those of objects within objects stand in the pattern of each of them. */
const MAX_PATTERN = 2_000;

/**
 * Writes a function that goes over a value that must be as the outline says, to the type of every leaf; answers its name. What is passed so can be
 * handed on as it is. `s` is the cursor; anything else is a surprise, though it may be right: `1e3` for 1000, or a null that must spread.
 *
 * Members between two lists are passed by one regular expression, which is some four times as fast as one by one. It has one way only to match,
 * so it does not search, and it knows no escapes: where it does not match, the members are passed one by one.
 */
export function passValue(field: OutlineField, parts: PassParts): string {
  return define(fieldCode(field, parts), parts);
}

function define(code: string, { functions }: PassParts): string {
  const name = `pass${functions.length}`;
  functions.push(`const ${name} = () => { ${code} };`);
  return name;
}

function fieldCode({ type, of }: OutlineField, parts: PassParts): string {
  if ('typename' in of) return `s.pass(${JSON.stringify(quoted(of.typename))});`;
  return valueCode(type, isOutline(of) ? `${passObject(of, parts)}();` : leafRule(of).pass(ruleName(leafRule(of), parts)), parts);
}

function valueCode(type: GraphQLOutputType, one: string, parts: PassParts): string {
  if (isNonNullType(type)) return someCode(type.ofType, one, parts);
  return `if (!s.isNull()) { ${someCode(type, one, parts)} }`;
}

function someCode(type: GraphQLOutputType, one: string, parts: PassParts): string {
  if (!isListType(type)) return one;
  const member = define(valueCode(type.ofType, one, parts), parts);
  return `if (!s.isEmptyList()) do ${member}(); while (!s.isListEnd());`;
}

function passObject({ fields }: Outline, parts: PassParts): string {
  const lines: string[] = [];
  let run = newRun();
  for (const [index, [key, field]] of [...fields].entries()) {
    const start = startOf(key, index);
    const own = patternOf(field);
    const pattern = own === null || run.pattern.length + own.length > MAX_PATTERN ? null : own;
    run.pattern += start.replace('{', '\\{') + (pattern ?? '');
    run.lines.push(`s.pass(${JSON.stringify(start)});`);
    if (pattern !== null) run.lines.push(fieldCode(field, parts));
    else {
      lines.push(runCode(run, parts), fieldCode(field, parts));
      run = newRun();
    }
  }
  run.pattern += '\\}';
  run.lines.push(`s.pass('}');`);
  return define([...lines, runCode(run, parts)].join('\n  '), parts);
}

/** Members that are passed at once. */
interface Members {
  pattern: string;
  readonly lines: string[];
}

function newRun(): Members {
  return { pattern: '', lines: [] };
}

function runCode({ pattern, lines }: Members, { patterns, meter }: PassParts): string {
  if (lines.length === 1) return lines.join();
  meter.characters += pattern.length;
  return `if (!s.matches(patterns[${patterns.push(new RegExp(pattern, 'y')) - 1}])) { ${lines.join(' ')} }`;
}

function startOf(key: string, index: number): string {
  return `${index === 0 ? '{' : ','}${quoted(key)}:`;
}

/** Null for lists, which have no bound, and for what is too long. */
function patternOf({ type, of }: OutlineField): string | null {
  if ('typename' in of) return quoted(of.typename);
  const isRequired = isNonNullType(type);
  if (isListType(isRequired ? type.ofType : type)) return null;
  const pattern = isOutline(of) ? objectPattern(of) : leafRule(of).pattern;
  return pattern === null || isRequired ? pattern : `(?:${pattern}|null)`;
}

function objectPattern({ fields }: Outline): string | null {
  let text = '';
  for (const [key, field] of fields) {
    const pattern = patternOf(field);
    if (pattern === null || text.length > MAX_PATTERN) return null;
    text += startOf(key, text === '' ? 0 : 1).replace('{', '\\{') + pattern;
  }
  return `${text}\\}`;
}
