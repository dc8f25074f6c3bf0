import type { Random } from './random.ts';

interface Style {
  readonly hasBlanks: boolean;
  readonly hasOtherOrder: boolean;
  readonly hasEscapes: boolean;
  readonly hasOtherNumbers: boolean;
}

/** The same answer as another server might write it: blanks, keys in another order, escapes that need not be, other forms of numbers. */
export function rewrittenJson(answer: unknown, random: Random): string {
  const one = random.below(4);
  const chosen = (index: number) => index === one || random.chance(0.3);
  const style = { hasBlanks: chosen(0), hasOtherOrder: chosen(1), hasEscapes: chosen(2), hasOtherNumbers: chosen(3) };
  return write(answer, style, random);
}

function write(value: unknown, style: Style, random: Random): string {
  const blank = () => (style.hasBlanks && random.chance(0.3) ? random.pick([' ', '\n', '\t', '\r\n  ']) : '');
  const join = (members: readonly string[]) => members.map((each) => `${blank()}${each}${blank()}`).join(',');
  if (Array.isArray(value)) return `[${join(value.map((each) => write(each, style, random)))}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = style.hasOtherOrder ? shuffled(Object.entries(value), random) : Object.entries(value);
    return `{${join(entries.map(([key, inner]) => `${text(key, style, random)}${blank()}:${blank()}${write(inner, style, random)}`))}}`;
  }
  if (typeof value === 'string') return text(value, style, random);
  if (typeof value === 'number' && style.hasOtherNumbers && random.chance(0.5)) return numeral(value, random);
  return JSON.stringify(value);
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list
    .map((each) => [random.next(), each] as const)
    .sort(([a], [b]) => a - b)
    .map(([, each]) => each);
}

function text(value: string, { hasEscapes }: Style, random: Random): string {
  const json = JSON.stringify(value);
  if (!hasEscapes || !random.chance(0.3)) return json;
  const escaped = [...json.slice(1, -1).matchAll(/\\u[0-9a-f]{4}|\\.|[\s\S]/gu)].map(([unit]) => {
    if (unit.startsWith('\\') || !random.chance(0.3)) return unit;
    return unit === '/' ? '\\/' : unit.split('').map(escapeOf).join('');
  });
  return `"${escaped.join('')}"`;
}

function escapeOf(codeUnit: string): string {
  return `\\u${codeUnit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function numeral(value: number, random: Random): string {
  if (!Number.isInteger(value)) return random.chance(0.5) ? value.toExponential() : `${value}0`;
  return random.pick([`${value}.0`, `${value}e0`, `${value}.00E+0`]);
}
