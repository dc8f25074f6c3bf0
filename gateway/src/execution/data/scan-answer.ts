import { Cursor, surprise } from './cursor.ts';
import { type CodeMeter, generate, property, quoted } from './generated-code.ts';
import type { LeafRule } from './leaf-rules.ts';
import type { OutlineField } from './outline.ts';
import { type PassParts, passValue } from './pass-outline.ts';
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

/** What later fetches and the shaper will add to an object of this selection: there from the start, so that the object never changes its form. */
export type LaterSlots = (selection: Selection) => {
  readonly keys: readonly string[];
  readonly holdsText: boolean;
  /** Whether objects of this selection whose text is equal may be one object. */
  readonly mayRepeat: boolean;
  /** What the client gets here, where that is what the subgraph answers: its text is checked and handed on as it is. */
  readonly outline: OutlineField | null;
};

const OPENING = '{"data":';

/**
 * Generates a recursive descent over exactly this selection: keys in its order, no white space. Leaves are slices of the text, checked to be
 * JSON; whether they are of their type is checked where they are answered. Where an object or a list has the very text of one that came shortly
 * before it at the same place, it is that one: it is not read again, and later asked for, merged into and printed once. The text must hold no
 * control characters.
 */
export function compileScanner(selection: Selection, laterSlots: LaterSlots, meter: CodeMeter): AnswerScanner {
  const functions: string[] = [];
  const memos: Memo[] = [];
  const rules: LeafRule[] = [];
  const patterns: RegExp[] = [];
  const root = objectScanner(selection, { functions, memos, laterSlots, rules, patterns, meter });
  const cursor = new Cursor();
  const scope = { s: cursor, surprise, memos, rules, patterns, readPassed, readValue, readRepeatable };
  const read = generate<() => Tree>(`${functions.join('\n')}\nreturn ${root};`, scope, meter);
  return (text) => {
    if (!text.startsWith(OPENING)) surprise();
    cursor.start(text, OPENING.length);
    try {
      const data = read();
      return isTreeObject(data) ? { data, end: cursor.at } : surprise();
    } finally {
      cursor.end();
      for (const memo of memos) forget(memo);
    }
  };
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

const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const LETTER_N = 110;

type Read = () => Tree;

/** A value that is or holds objects; `self` reads the members of a list. */
function readValue(cursor: Cursor, object: Read, self: Read): Tree {
  const code = cursor.text.charCodeAt(cursor.at);
  if (code === OPEN_OBJECT) return object();
  if (code === OPEN_LIST) return readList(cursor, self);
  cursor.pass('null');
  return null;
}

function readList(cursor: Cursor, read: Read): Tree[] {
  const list: Tree[] = [];
  if (cursor.isEmptyList()) return list;
  do list.push(read());
  while (!cursor.isListEnd());
  return list;
}

/**
 * Compares with the last two objects and the last list: lists of equal members, and equal lists, are what joined answers are made of.
 */
function readRepeatable(cursor: Cursor, memo: Memo, object: Read, self: Read): Tree {
  const { text, at } = cursor;
  const code = text.charCodeAt(at);
  if (code === OPEN_OBJECT) {
    if (cursor.isNext(memo.oneText, CLOSE_OBJECT)) return again(cursor, memo.one, memo.oneText);
    if (cursor.isNext(memo.twoText, CLOSE_OBJECT)) return again(cursor, memo.two, memo.twoText);
    const read = object();
    memo.two = memo.one;
    memo.twoText = memo.oneText;
    memo.one = read;
    memo.oneText = text.slice(at, cursor.at);
    return read;
  }
  if (code !== OPEN_LIST) return readValue(cursor, object, self);
  if (cursor.isNext(memo.listText, CLOSE_LIST)) return again(cursor, memo.list, memo.listText);
  memo.list = readList(cursor, self);
  memo.listText = text.slice(at, cursor.at);
  return memo.list;
}

function again(cursor: Cursor, known: Tree, text: WireText): Tree {
  cursor.at += text.length;
  markRepeated(known);
  return known;
}

/** The text of a value that is as its outline says. */
function readPassed(cursor: Cursor, pass: () => void): Tree {
  const { text, at } = cursor;
  pass();
  return text.charCodeAt(at) === LETTER_N ? null : text.slice(at, cursor.at);
}

interface Parts extends PassParts {
  /** What must forget an answer once it is read. */
  readonly memos: Memo[];
  readonly laterSlots: LaterSlots;
}

/** Writes the functions that read one object and a value that is or holds such objects; answers the name of the latter. */
function objectScanner(selection: Selection, parts: Parts): string {
  const { functions, memos, laterSlots } = parts;
  const later = laterSlots(selection);
  if (later.outline) return passedScanner(later.outline, parts);
  const fields = [...selection.fields];
  const readers = fields.map(([, below]) => (below ? `${objectScanner(below, parts)}()` : 's.leaf()'));
  const index = functions.length;
  const literal = [
    ...fields.map(([key], field) => `${property(key).slice(1)}:f${field}`),
    ...later.keys.filter((key) => !selection.fields.has(key)).map((key) => `${property(key).slice(1)}:undefined`),
    ...(later.holdsText ? ['text:undefined', 'textOf:-1'] : []),
  ].join(',');
  const reads = fields.map(([key], field) => {
    const start = `${quoted(key)}:`;
    return `if (s.text.startsWith(${JSON.stringify(start)}, s.at)) { s.at += ${start.length}; f${field} = ${readers[field]}; const c = s.text.charCodeAt(s.at++); if (c === 125) break; if (c !== 44) surprise(); }`;
  });
  functions.push(`const object${index} = () => {
  let ${fields.map((_, field) => `f${field}`).join(',')};
  s.at++;
  if (s.text.charCodeAt(s.at) === 125) s.at++;
  else for (;;) {
    ${reads.join('\n    ')}
    surprise();
  }
  return {${literal}};
};`);
  if (later.mayRepeat) {
    functions.push(
      `const memo${index} = memos[${memos.length}], value${index} = () => readRepeatable(s, memo${index}, object${index}, value${index});`,
    );
    memos.push(newMemo());
  } else functions.push(`const value${index} = () => readValue(s, object${index}, value${index});`);
  return `value${index}`;
}

function passedScanner(outline: OutlineField, parts: Parts): string {
  const pass = passValue(outline, parts);
  const name = `passed${parts.functions.length}`;
  parts.functions.push(`const ${name} = () => readPassed(s, ${pass});`);
  return name;
}
