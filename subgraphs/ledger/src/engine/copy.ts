import { type Client, type Connection, Query } from 'pg';
import type { Columns, ColumnType, TextRow } from './sql.ts';

/** Part the values of a row, and stand for null: characters that hardly any text holds, so that most rows need no escapes. */
const SEPARATOR = '\u001f';
const NULL = '\u001e';

/** A row as one line: its values in the order of the columns. */
export function lineOf(row: TextRow): string {
  const values = new Array<string>(row.length);
  for (let at = 0; at < row.length; at += 1) values[at] = row[at] ?? NULL;
  return values.join(SEPARATOR); // one string at once: pieces put together one by one would be taken apart by the collector
}

/**
 * Rows as COPY reads them, each made into a line when it comes, while what it consists of is at hand: by the end of a batch it would have to be
 * fetched from far away, and kept until then. Only where a text holds what COPY gives a meaning, its row is escaped.
 */
export class CopyLines {
  readonly lines: string[] = [];
  readonly #suspects: readonly { readonly at: number; readonly isSpecial: (text: string) => boolean }[];

  constructor(columns: Columns) {
    this.#suspects = Object.values(columns).flatMap((type, at) =>
      PLAIN_TYPES.has(type) ? [] : [{ at, isSpecial: JSON_TYPES.has(type) ? holdsBackslash : holdsSpecial }],
    );
  }

  /** @param line where the caller has made it already */
  add(row: TextRow, line: string = lineOf(row)): void {
    this.lines.push(this.#isOdd(row) ? lineOf(escapedRow(row)) : line);
  }

  #isOdd(row: TextRow): boolean {
    for (const { at, isSpecial } of this.#suspects) {
      const text = row[at];
      if (text && isSpecial(text)) return true;
    }
    return false;
  }
}

/** Their texts cannot hold anything special. */
const PLAIN_TYPES: ReadonlySet<ColumnType> = new Set<ColumnType>(['id', 'word', 'bigint', 'integer', 'timestamptz', 'uuid']);
/** Printed by `JSON.stringify`, which writes control characters as escapes. */
const JSON_TYPES: ReadonlySet<ColumnType> = new Set<ColumnType>(['json', 'jsonb']);

function holdsBackslash(text: string): boolean {
  return text.includes('\\');
}

function holdsSpecial(text: string): boolean {
  return SPECIAL.test(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what COPY gives a meaning, and the marks
const SPECIAL = /[\\\u0000-\u001f]/;
const ALL_SPECIAL = new RegExp(`[\\\\\\n\\r\\t\\b\\f\\v${NULL}${SEPARATOR}]`, 'g');
/** After a backslash a mark stands for itself. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
  [SEPARATOR]: `\\${SEPARATOR}`,
  [NULL]: `\\${NULL}`,
};

function escapedRow(row: TextRow): TextRow {
  return row.map((value) => value?.replace(ALL_SPECIAL, (character) => ESCAPES[character] ?? character) ?? null);
}

const COPY_DATA = 0x64;
const HEADER_BYTES = 5;
const LINE_FEED = 0x0a;

/** Memory for what is on its way, used again: fresh memory for megabytes per batch costs more than filling it. */
export class Frames {
  readonly #free: Buffer[] = [];

  /** The lines as one message of the protocol. */
  fill(lines: readonly string[]): Buffer {
    let size = HEADER_BYTES + lines.length;
    for (const line of lines) size += Buffer.byteLength(line);
    const memory = this.#take(size);
    memory[0] = COPY_DATA;
    memory.writeInt32BE(size - 1, 1);
    let end = HEADER_BYTES;
    for (const line of lines) {
      end += memory.write(line, end);
      memory[end] = LINE_FEED;
      end += 1;
    }
    return memory.subarray(0, size);
  }

  /** Once nobody reads it any more. */
  release(frame: Buffer): void {
    if (this.#free.length < MAX_FREE_FRAMES) this.#free.push(Buffer.from(frame.buffer));
  }

  #take(size: number): Buffer {
    const fitting = this.#free.findIndex(({ length }) => length >= size);
    if (fitting >= 0) return this.#free.splice(fitting, 1)[0] as Buffer; // it is there
    if (this.#free.length === MAX_FREE_FRAMES) this.#free.shift();
    return Buffer.from(new ArrayBuffer(Math.max(MIN_FRAME_BYTES, size + (size >> 1))));
  }
}

const MAX_FREE_FRAMES = 4;
const MIN_FRAME_BYTES = 16_384;

/** The fastest way of adding rows that PostgreSQL has: no plan, no parameters, many rows to a page at once. */
export function copyInto(client: Client, table: string, columns: Columns, frame: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const text = `copy ${table} (${Object.keys(columns).join(', ')}) from stdin with (delimiter E'\\x1f', null E'\\x1e')`;
    client.query(new CopyIn(text, frame, (error) => (error ? reject(error) : resolve())));
  });
}

/** The rows leave with the statement: where it fails, PostgreSQL passes over them. */
class CopyIn extends Query {
  override submit: (connection: Connection) => void;

  constructor(text: string, frame: Buffer, done: (error: Error | undefined) => void) {
    super(text, done);
    this.submit = (connection) => {
      connection.query(text);
      connection.stream.write(frame);
      (connection as CopyConnection).endCopyFrom();
    };
  }

  handleCopyInResponse(): void {}
}

/** The part of the driver's connection that its types leave out. */
interface CopyConnection extends Connection {
  endCopyFrom(): void;
}
