import { type CodeMeter, generate, property, quoted } from './generated-code.ts';
import type { LaterSlots } from './scan-answer.ts';
import type { Selection } from './selection.ts';
import type { TreeObject } from './tree.ts';
import { toWire, type WireText } from './wire.ts';

/** An answer that has a leaf where the fetch asked for an object, or is no answer of GraphQL at all. */
export class UnexpectedForm extends Error {
  override readonly name = 'UnexpectedForm';
}

/** The tree of an answer that came as objects, or whose text a scanner did not know. Keys that were not asked for are left out. */
export type Converter = (data: object) => TreeObject;

/** Generates one function per object of the selection; the trees have the same form as those of the scanner. */
export function compileConverter(selection: Selection, laterSlots: LaterSlots, meter: CodeMeter): Converter {
  const functions: string[] = [];
  const root = objectConverter(selection, functions, laterSlots);
  return generate(`${functions.join('\n')}\nreturn object${root};`, { leaf: leafOf, fail, hasOwn: Object.hasOwn }, meter);
}

function objectConverter(selection: Selection, functions: string[], laterSlots: LaterSlots): number {
  const later = laterSlots(selection);
  const members = [...selection.fields].map(([key, below]) => {
    const convert = below ? `value${objectConverter(below, functions, laterSlots)}` : 'leaf';
    return `${property(key).slice(1)}:${convert}(${readOf(key)})`;
  });
  const extra = later.keys.filter((key) => !selection.fields.has(key)).map((key) => `${property(key).slice(1)}:undefined`);
  const index = functions.length;
  functions.push(`const object${index} = (o) => ({${[...members, ...extra, ...(later.holdsText ? ['text:undefined', 'textOf:-1'] : [])].join(',')}});
const value${index} = (v) => {
  if (v === null || v === undefined) return v;
  if (typeof v !== 'object') fail();
  if (!Array.isArray(v)) return object${index}(v);
  const list = new Array(v.length);
  for (let i = 0; i < v.length; i++) { const e = v[i]; list[i] = e === undefined ? null : value${index}(e); }
  return list;
};`);
  return index;
}

/** What every object inherits is not what a subgraph said. */
function readOf(key: string): string {
  const name = quoted(key);
  return key in Object.prototype ? `hasOwn(o, ${name}) ? o[${name}] : undefined` : `o[${name}]`;
}

function fail(): never {
  throw new UnexpectedForm('An answer holds a leaf where an object was asked for.');
}

/** Text that JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

function leafOf(value: unknown): WireText | null | undefined {
  switch (typeof value) {
    case 'string':
      return PLAIN.test(value) ? `"${value}"` : toWire(JSON.stringify(value));
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
