import type { Client, Connection, Submittable } from 'pg';
import type { Columns, TextRow } from './sql.ts';

/** Part the values of a row, and stand for null: characters that hardly any text holds, so that most rows need no escapes. */
const SEPARATOR = '\u001f';
const NULL = '\u001e';

/** A row as one line: its values in the order of the columns. */
export function lineOf(row: TextRow): string {
  let line = row[0] ?? NULL;
  for (let at = 1; at < row.length; at += 1) line += SEPARATOR + (row[at] ?? NULL);
  return line;
}

/** Lines as COPY reads them; only where a value holds what COPY gives a meaning, it is escaped. */
export function copyText(rows: readonly TextRow[], lines: readonly string[] = rows.map(lineOf)): string {
  let text = '';
  for (const [at, row] of rows.entries()) {
    const line = lines[at] ?? '';
    text += `${SPECIAL.test(line) || row.some(holdsMarks) ? lineOf(escapedRow(row)) : line}\n`;
  }
  return text;
}

function holdsMarks(value: string | null): boolean {
  return value !== null && (value.includes(SEPARATOR) || value.includes(NULL));
}

const SPECIAL = /[\\\n\r\t\b\f\v]/;
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
