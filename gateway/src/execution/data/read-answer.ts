import { type Converter, UnexpectedForm } from './convert.ts';
import { Cursor, SURPRISE, surprise } from './cursor.ts';
import type { AnswerScanner } from './scan-answer.ts';
import type { TreeObject } from './tree.ts';
import { fromWire, holdsControls, type WireText } from './wire.ts';

/** What a subgraph said to one fetch. */
export interface Answer {
  readonly data: TreeObject | null;
  readonly errors: readonly SubgraphError[];
  readonly extensions: Readonly<Record<string, unknown>> | null;
  /** Why the subgraph gave none: then the errors are our own words about that. */
  readonly fault?: unknown;
}

/** An error as it came: nothing about it is known but that it is an object with a message, and that its extensions may be handed on. */
export interface SubgraphError {
  readonly message: string;
  readonly path?: unknown;
  readonly extensions?: unknown;
}

export interface AnswerReader {
  readonly scan: AnswerScanner;
  /** Of text that is JSON and has an object as its data. */
  readonly readLoosely: (text: WireText) => TreeObject;
  readonly convert: Converter;
}

/**
 * From text: by the scanner where it is what is usual, else in a slower way that knows all of JSON. Throws where it is not an answer of GraphQL. `isPlain`: it holds
 * no control character, as whoever has the bytes knows at less cost.
 */
export function readText(text: WireText, reader: AnswerReader, isPlain = !holdsControls(text)): Answer {
  try {
    if (!isPlain) surprise();
    return text.startsWith(ERRORS) ? scanAfterErrors(text, reader) : scanAnswer(text, reader, NONE);
  } catch (error) {
    if (error !== SURPRISE) throw error;
  }
  const members = membersOf(JSON.parse(fromWire(text)));
  return { ...members, data: members.data && reader.readLoosely(text) };
}

function scanAnswer(text: WireText, { scan }: AnswerReader, errors: readonly SubgraphError[]): Answer {
  const { data, end } = scan(text);
  if (end === text.length - 1 && text.charCodeAt(end) === CLOSE_OBJECT) return { data, errors, extensions: null };
  if (!text.startsWith(EXTENSIONS, end)) surprise();
  const rest: unknown = JSON.parse(fromWire(`{${text.slice(end + 1)}`));
  const { extensions, ...others } = rest as Record<string, unknown>; // the text begins with a brace
  return Object.keys(others).length === 0 ? { data, errors, extensions: recordOf(extensions) } : surprise();
}

/** Most servers write errors before data. */
function scanAfterErrors(text: WireText, reader: AnswerReader): Answer {
  const cursor = new Cursor();
  const start = ERRORS.length - 1;
  cursor.start(text, start);
  cursor.passAny();
  const errors = errorsOf(JSON.parse(fromWire(text.slice(start, cursor.at))));
  cursor.pass(',');
  return scanAnswer(`{${text.slice(cursor.at)}`, reader, errors);
}

/** From objects, as a subgraph of this process answers. */
export function readObject(answer: unknown, { convert }: AnswerReader): Answer {
  const members = membersOf(answer);
  return { ...members, data: members.data && convert(members.data) };
}

/** Throws where it is not an answer of GraphQL. */
export function membersOf(answer: unknown): Omit<Answer, 'data'> & { readonly data: Readonly<Record<string, unknown>> | null } {
  const record = recordOf(answer);
  if (!record) throw new UnexpectedForm('The answer is not an object.');
  const { data, errors, extensions } = record;
  const object = recordOf(data);
  if (!object && data !== null && data !== undefined) throw new UnexpectedForm('The data of the answer is not an object.');
  if (!object && errors === undefined && data === undefined) throw new UnexpectedForm('The answer has neither data nor errors.');
  return { data: object, errors: errorsOf(errors), extensions: recordOf(extensions) };
}

const NONE: readonly SubgraphError[] = [];
const EXTENSIONS = ',"extensions":';
const ERRORS = '{"errors":[';
const CLOSE_OBJECT = 125;

/** Throws where they are no errors of GraphQL. */
export function errorsOf(errors: unknown): readonly SubgraphError[] {
  if (errors === undefined || errors === null) return NONE;
  if (!Array.isArray(errors)) throw new UnexpectedForm('The errors of the answer are not a list.');
  return errors.map((error: unknown) => {
    const record = recordOf(error);
    if (!record || typeof record.message !== 'string') throw new UnexpectedForm('An error of the answer has no message.');
    return { ...record, message: record.message, extensions: handedOn(record.extensions) };
  });
}

/** By it, Apollo Server is told the status and the headers of the whole answer: no subgraph says those. */
const OF_THE_SERVER = 'http';
/** Of one extension: beyond some thousands, nothing can print it. */
const MAX_LEVELS = 32;

function handedOn(extensions: unknown): Readonly<Record<string, unknown>> {
  const members = Object.entries(recordOf(extensions) ?? {});
  return Object.fromEntries(members.filter(([key, value]) => key !== OF_THE_SERVER && !isDeeper(value, MAX_LEVELS)));
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}
