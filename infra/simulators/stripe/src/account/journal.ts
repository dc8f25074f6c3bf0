import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** It holds the signing secrets of webhooks. */
const OWNER_ONLY = 0o600;

/** What one transaction changed: written as one line, so that it is there as a whole or not at all. */
export interface JournalEntry {
  readonly put: readonly (readonly [table: string, record: { readonly id: string }])[];
  readonly removed: readonly (readonly [table: string, id: string])[];
}

export interface Journal {
  append(entry: JournalEntry): void;
  clear(): void;
  close(): void;
}

/** All whole entries of a journal; a last line that a kill cut short is left out. */
export function readJournal(path: string): readonly JournalEntry[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  const whole = lines.slice(0, -1); // behind the last line break is nothing, or a torn line
  return whole.map((line) => JSON.parse(line) as JournalEntry); // only this module writes the file
}

/**
 * Opens the journal after writing its content anew as `compacted`, one record a line; by a rename, so that a kill in between loses nothing.
 * An entry is handed to the system before `append` returns: it survives the end of the process, not a loss of power.
 */
export function openJournal(path: string, compacted: readonly JournalEntry[]): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, compacted.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: OWNER_ONLY });
  renameSync(fresh, path);
  const descriptor = openSync(path, 'a');
  return {
    append: (entry) => {
      writeSync(descriptor, `${JSON.stringify(entry)}\n`);
    },
    clear: () => ftruncateSync(descriptor),
    close: () => closeSync(descriptor),
  };
}
