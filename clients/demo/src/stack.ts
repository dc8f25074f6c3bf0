import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DEFAULT_URL = 'http://127.0.0.1:4000';
const STATE_FILE = join(import.meta.dirname, '../../../.data/stack.json');

/** Where the local stack of this checkout says that it runs, else where it runs by default. */
export function localUrl(): string {
  try {
    const state: unknown = JSON.parse(readFileSync(STATE_FILE, 'utf8'));
    if (typeof state === 'object' && state !== null && 'url' in state && typeof state.url === 'string') return state.url;
    return DEFAULT_URL;
  } catch {
    return DEFAULT_URL; // no stack has been started here
  }
}
