import type { Client, Connection, Submittable } from 'pg';
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

/** Lines as COPY reads them; only where a text holds what COPY gives a meaning, its row is escaped. */
export function copyText(columns: Columns, rows: readonly TextRow[], lines: readonly string[] = rows.map(lineOf)): string {
  const suspects = Object.values(columns).flatMap((type, at) =>
    PLAIN_TYPES.has(type) ? [] : [{ at, isSpecial: JSON_TYPES.has(type) ? holdsBackslash : holdsSpecial }],
  );
  const isOdd = (row: TextRow): boolean => suspects.some(({ at, isSpecial }) => isSpecial(row[at] ?? ''));
  const asCopied = rows.some(isOdd) ? rows.map((row, at) => (isOdd(row) ? lineOf(escapedRow(row)) : (lines[at] ?? ''))) : lines;
  return `${asCopied.join('\n')}\n`;
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

/** The fastest way of adding rows that PostgreSQL has: no plan, no parameters, many rows to a page at once. */
export function copyInto(client: Client, table: string, columns: Columns, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(
      new CopyIn(`copy ${table} (${Object.keys(columns).join(', ')}) from stdin with (delimiter E'\\x1f', null E'\\x1e')`, body, {
        resolve,
        reject,
      }),
    );
  });
}

/** What `pg` tells a query while it runs. */
class CopyIn implements Submittable {
  readonly #text: string;
  readonly #body: Buffer;
  readonly #done: { readonly resolve: () => void; readonly reject: (error: Error) => void };
  #error: Error | null = null;

  constructor(text: string, body: Buffer, done: { readonly resolve: () => void; readonly reject: (error: Error) => void }) {
    this.#text = text;
    this.#body = body;
    this.#done = done;
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.#body);
    connection.endCopyFrom();
  }

  handleError(error: Error): void {
    // The client fails a query both for what the server answers (ReadyForQuery follows) and for a lost connection (nothing follows).
    this.#error ??= error;
    this.#done.reject(error);
  }

  handleReadyForQuery(): void {
    if (!this.#error) this.#done.resolve();
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}

/** The part of the driver's connection that its types leave out. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}
