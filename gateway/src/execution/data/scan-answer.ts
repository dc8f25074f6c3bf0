import { type CodeMeter, generate, property, quoted } from './generated-code.ts';
import type { Selection } from './selection.ts';
import type { TreeObject } from './tree.ts';
import type { WireText } from './wire.ts';

/** Reads the `data` of an answer that begins with it; throws `SURPRISE` where the text is in any way unlike what is usual. */
export type AnswerScanner = (text: WireText) => Scanned;

export interface Scanned {
  readonly data: TreeObject;
  /** Where the text goes on behind `data`. */
  readonly end: number;
}

/** Not an error: the text is then read in the slow and general way, which also says what is wrong with it. */
export const SURPRISE = Symbol('surprise');

/** What later fetches and the shaper will add to an object of this selection: there from the start, so that the object never changes its form. */
export type LaterSlots = (selection: Selection) => { readonly keys: readonly string[]; readonly holdsText: boolean };

const OPENING = '{"data":';
// biome-ignore lint/suspicious/noControlCharactersInRegex: none may stand in JSON text, and none does between the parts where a machine wrote it
const CONTROL = /[\x00-\x1f]/;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Generates a recursive descent over exactly this selection: keys in its order, no white space. Leaves are slices of the text, checked to be
 * JSON; whether they are of their type is checked where they are answered.
 */
export function compileScanner(selection: Selection, laterSlots: LaterSlots, meter: CodeMeter): AnswerScanner {
  const functions: string[] = [];
  const root = objectScanner(selection, functions, laterSlots);
  const source = `
let t = '', p = 0, escapes = false;
const fail = () => { throw SURPRISE; };
${LEAF}
${functions.join('\n')}
return (text) => {
  if (!text.startsWith(${JSON.stringify(OPENING)}) || CONTROL.test(text)) fail();
  t = text; p = ${OPENING.length}; escapes = text.includes('\\\\');
  try {
    const data = ${root}();
    if (data === null || Array.isArray(data)) fail();
    return { data, end: p };
  } finally { t = ''; }
};`;
  return generate(source, { SURPRISE, CONTROL, NUMBER, isText: isJsonText }, meter);
}

/** `leaf` leaves `p` behind the value. A string without an escape ends at the next quote. */
const LEAF = `
const word = (text) => { if (!t.startsWith(text, p)) fail(); p += text.length; };
const stringEnd = () => {
  let e = t.indexOf('"', p + 1);
  if (escapes) for (;;) {
    if (e < 0) fail();
    let b = e - 1;
    while (t.charCodeAt(b) === 92) b--;
    if ((e - 1 - b) % 2 === 0) break;
    e = t.indexOf('"', e + 1);
  }
  if (e < 0) fail();
  return e + 1;
};
const leaf = () => {
  const s = p, c = t.charCodeAt(p);
  if (c === 34) {
    p = stringEnd();
    const text = t.slice(s, p);
    if (escapes && text.includes('\\\\') && !isText(text)) fail();
    return text;
  }
  if (c === 110) { word('null'); return null; }
  if (c === 116) { word('true'); return 'true'; }
  if (c === 102) { word('false'); return 'false'; }
  if (c === 123 || c === 91) return whole();
  p++;
  let d = t.charCodeAt(p);
  while ((d >= 48 && d <= 57) || d === 46 || d === 101 || d === 69 || d === 43 || d === 45) d = t.charCodeAt(++p);
  const text = t.slice(s, p);
  if (!NUMBER.test(text)) fail();
  return text;
};
const whole = () => {
  const s = p;
  let depth = 0;
  do {
    const c = t.charCodeAt(p);
    if (c === 34) { p = stringEnd(); continue; }
    if (c === 123 || c === 91) depth++;
    else if (c === 125 || c === 93) depth--;
    else if (c !== c) fail();
    p++;
  } while (depth > 0);
  const text = t.slice(s, p);
  if (!isText(text)) fail();
  return text;
};`;

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Writes the functions that read one object and a value that is or holds such objects; answers the name of the latter. */
function objectScanner(selection: Selection, functions: string[], laterSlots: LaterSlots): string {
  const fields = [...selection.fields];
  const readers = fields.map(([, below]) => (below ? objectScanner(below, functions, laterSlots) : 'leaf'));
  const index = functions.length;
  const later = laterSlots(selection);
  const literal = [
    ...fields.map(([key], field) => `${property(key).slice(1)}:f${field}`),
    ...later.keys.filter((key) => !selection.fields.has(key)).map((key) => `${property(key).slice(1)}:undefined`),
    ...(later.holdsText ? ['text:undefined', 'textOf:-1'] : []),
  ].join(',');
  const reads = fields.map(([key], field) => {
    const start = `${quoted(key)}:`;
    return `if (t.startsWith(${JSON.stringify(start)}, p)) { p += ${start.length}; f${field} = ${readers[field]}(); const c = t.charCodeAt(p++); if (c === 125) break; if (c !== 44) fail(); }`;
  });
  functions.push(`const object${index} = () => {
  let ${fields.map((_, field) => `f${field}`).join(',')};
  p++;
  if (t.charCodeAt(p) === 125) p++;
  else for (;;) {
    ${reads.join('\n    ')}
    fail();
  }
  return {${literal}};
};
const value${index} = () => {
  const c = t.charCodeAt(p);
  if (c === 123) return object${index}();
  if (c === 110) { word('null'); return null; }
  if (c !== 91) fail();
  const list = [];
  if (t.charCodeAt(++p) === 93) { p++; return list; }
  for (;;) {
    list.push(value${index}());
    const d = t.charCodeAt(p++);
    if (d === 93) return list;
    if (d !== 44) fail();
  }
};`);
  return `value${index}`;
}
