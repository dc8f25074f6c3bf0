import { type CodeMeter, generate, property, readOf } from './generated-code.ts';
import { leafText } from './leaf-rules.ts';
import type { LaterSlots } from './scan-answer.ts';
import type { Selection } from './selection.ts';
import type { TreeObject } from './tree.ts';
import { type WriteParts, writeList, writeValue } from './write-outline.ts';

/** An answer that has a leaf where the fetch asked for an object, or is no answer of GraphQL at all. */
export class UnexpectedForm extends Error {
  override readonly name = 'UnexpectedForm';
}

/** The tree of an answer that came as objects, or whose text a scanner did not know. Keys that were not asked for are left out. */
export type Converter = (data: object) => TreeObject;

/** Generates one function per object of the selection; the trees have the same form as those of the scanner. */
export function compileConverter(selection: Selection, laterSlots: LaterSlots, meter: CodeMeter): Converter {
  const parts: Parts = { functions: [], rules: [], laterSlots };
  const root = objectConverter(selection, parts);
  const scope = { writeList, leaf: leafText, fail, hasOwn: Object.hasOwn, rules: parts.rules };
  return generate(`${parts.functions.join('\n')}\nreturn object${root};`, scope, meter);
}

interface Parts extends WriteParts {
  readonly laterSlots: LaterSlots;
}

/** What the client gets as it came is written at once; if it is not as it should be, it becomes a tree all the same. */
function valueConverter(selection: Selection, parts: Parts): string {
  const { functions, laterSlots } = parts;
  const { outline } = laterSlots(selection);
  if (!outline) return `value${objectConverter(selection, parts)}`;
  const write = writeValue(outline, parts);
  const inTree = objectConverter(selection, { ...parts, laterSlots: (each) => ({ ...laterSlots(each), outline: null }) });
  const index = functions.length;
  functions.push(`const text${index} = (v) => v === null || v === undefined ? v : ${write}(v) ?? value${inTree}(v);`);
  return `text${index}`;
}

function objectConverter(selection: Selection, parts: Parts): number {
  const { functions, laterSlots } = parts;
  const later = laterSlots(selection);
  const members = [...selection.fields].map(([key, below]) => {
    const convert = below ? valueConverter(below, parts) : 'leaf';
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

function fail(): never {
  throw new UnexpectedForm('An answer holds a leaf where an object was asked for.');
}
