import { type CodeMeter, generate, property, quoted } from './generated-code.ts';
import type { Selection } from './selection.ts';
import { isTreeObject, REPEATED, type Tree, type TreeObject } from './tree.ts';
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
export type LaterSlots = (selection: Selection) => {
  readonly keys: readonly string[];
  readonly holdsText: boolean;
  /** Whether objects of this selection whose text is equal may be one object. */
  readonly mayRepeat: boolean;
};

const OPENING = '{"data":';
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Generates a recursive descent over exactly this selection: keys in its order, no white space. Leaves are slices of the text, checked to be
 * JSON; whether they are of their type is checked where they are answered. Where an object or a list has the very text of one that came shortly
 * before it at the same place, it is that one: it is not read again, and later asked for, merged into and printed once. The text must hold no
 * control characters.
 */
export function compileScanner(selection: Selection, laterSlots: LaterSlots, meter: CodeMeter): AnswerScanner {
  const functions: string[] = [];
  const memos: string[] = [];
  const root = objectScanner(selection, { functions, memos, laterSlots });
  const source = `
let t = '', p = 0, escapes = false;
const fail = () => { throw SURPRISE; };
${LEAF}
${VALUE}
${functions.join('\n')}
const memos = [${memos.join()}];
return (text) => {
  if (!text.startsWith(${JSON.stringify(OPENING)})) fail();
  t = text; p = ${OPENING.length}; escapes = text.includes('\\\\');
  try {
    const data = ${root}();
    if (data === null || Array.isArray(data)) fail();
    return { data, end: p };
  } finally { t = ''; for (const memo of memos) forget(memo); }
};`;
  return generate(source, { SURPRISE, NUMBER, isText: isJsonText, markRepeated, newMemo, forget }, meter);
}

/** What came last at one place of an answer. */
interface Memo {
  one: Tree;
  oneText: WireText;
  two: Tree;
  twoText: WireText;
  list: Tree;
  listText: WireText;
}

function newMemo(): Memo {
  return { one: null, oneText: '', two: null, twoText: '', list: null, listText: '' };
}

function forget(memo: Memo): void {
  memo.one = memo.two = memo.list = null;
  memo.oneText = memo.twoText = memo.listText = '';
}

/** Its text will be kept when it is printed. */
function markRepeated(value: Tree): void {
  if (Array.isArray(value)) for (const each of value) markRepeated(each);
  else if (isTreeObject(value)) value.textOf = REPEATED;
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
  let d = t.charCodeAt(++p);
  while (d >= 48 && d <= 57) d = t.charCodeAt(++p);
  const isPlain = (c >= 49 && c <= 57) || (c === 48 && p === s + 1);
  if (isPlain && (d === 44 || d === 125 || d === 93)) return t.slice(s, p);
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

/**
 * Values that are or hold objects. `repeatable` compares with the last two objects and the last list: lists of equal members, and equal lists, are
 * what joined answers are made of.
 */
const VALUE = `
const listOf = (read) => {
  const list = [];
  if (t.charCodeAt(++p) === 93) { p++; return list; }
  for (;;) {
    list.push(read());
    const d = t.charCodeAt(p++);
    if (d === 93) return list;
    if (d !== 44) fail();
  }
};
const value = (object, self) => {
  const c = t.charCodeAt(p);
  if (c === 123) return object();
  if (c === 91) return listOf(self);
  word('null');
  return null;
};
const isNext = (text, end) => text !== '' && t.charCodeAt(p + text.length - 1) === end && t.slice(p, p + text.length) === text;
const again = (known, text) => { p += text.length; markRepeated(known); return known; };
const repeatable = (memo, object, self) => {
  const c = t.charCodeAt(p), s = p;
  if (c === 123) {
    if (isNext(memo.oneText, 125)) return again(memo.one, memo.oneText);
    if (isNext(memo.twoText, 125)) return again(memo.two, memo.twoText);
    const read = object();
    memo.two = memo.one; memo.twoText = memo.oneText; memo.one = read; memo.oneText = t.slice(s, p);
    return read;
  }
  if (c === 91) {
    if (isNext(memo.listText, 93)) return again(memo.list, memo.listText);
    const read = listOf(self);
    memo.list = read; memo.listText = t.slice(s, p);
    return read;
  }
  word('null');
  return null;
};`;

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface Parts {
  readonly functions: string[];
  /** What must forget an answer once it is read. */
  readonly memos: string[];
  readonly laterSlots: LaterSlots;
}

/** Writes the functions that read one object and a value that is or holds such objects; answers the name of the latter. */
function objectScanner(selection: Selection, parts: Parts): string {
  const { functions, memos, laterSlots } = parts;
  const fields = [...selection.fields];
  const readers = fields.map(([, below]) => (below ? objectScanner(below, parts) : 'leaf'));
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
};`);
  if (later.mayRepeat) {
    functions.push(`const memo${index} = newMemo(), value${index} = () => repeatable(memo${index}, object${index}, value${index});`);
    memos.push(`memo${index}`);
  } else functions.push(`const value${index} = () => value(object${index}, value${index});`);
  return `value${index}`;
}
