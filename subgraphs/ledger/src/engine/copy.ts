import type { Client, Connection, Submittable } from 'pg';
import type { Columns, TextRow } from './sql.ts';

export function copyBody(rows: readonly TextRow[]): Buffer {
  return Buffer.from(copyText(rows));
}

/** Rows as COPY reads them: a tab between values, `\N` for null. */
export function copyText(rows: readonly TextRow[]): string {
  let text = '';
  for (const row of rows) {
    for (let at = 0; at < row.length; at += 1) {
      const value = row[at] ?? null;
      if (at > 0) text += '\t';
      text += value === null ? '\\N' : SPECIAL.test(value) ? value.replace(ALL_SPECIAL, escaped) : value;
    }
    text += '\n';
  }
  return text;
}

const SPECIAL = /[\\\n\r\t\b\f\v]/;
const ALL_SPECIAL = /[\\\n\r\t\b\f\v]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
};

function escaped(character: string): string {
  return ESCAPES[character] ?? character;
}

/** The fastest way of adding rows that PostgreSQL has: no plan, no parameters, many rows to a page at once. */
export function copyInto(client: Client, table: string, columns: Columns, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(`copy ${table} (${Object.keys(columns).join(', ')}) from stdin`, body, { resolve, reject }));
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
