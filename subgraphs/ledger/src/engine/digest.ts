import { hash } from 'node:crypto';
import type { TextRow } from './sql.ts';

/** What no text that we store can hold: it parts the values of a row. */
const SEPARATOR = '\u001f';
const NULL = '\\N';

/**
 * SHA-256 over the transfers of a batch, each as its values in the order of the columns, in the order of their ids. `verify` makes the same
 * text from the stored rows.
 */
export function digestOf(rows: readonly TextRow[]): string {
  const lines = rows.map((row) => row.map((value) => value ?? NULL).join(SEPARATOR)).sort();
  return hash('sha256', lines.join('\n'), 'hex');
}
