import { createMac } from '../crypto/primitives.ts';

/** Per input path an HMAC of the canonical value: fields that differ can be named, and no password or secret leaks into the table. */
export type Fingerprint = Readonly<Record<string, string>>;

/** Of the 43 characters of a digest: 132 bits. */
const DIGEST_LENGTH = 22;
const KEY_FIELD = 'idempotencyKey';
const MAX_DEPTH = 32;
/** Of a longer list each entry has one digest, not each field in it: enough to name the entry, at a fraction of the work and the room. */
const MAX_ENTRIES_BY_FIELD = 100;

/** Fingerprints coerced arguments without the idempotency key. `secret` is the service's own key for this purpose. */
export function fingerprintOf(args: Readonly<Record<string, unknown>>, secret: string | Buffer): Fingerprint {
  const leaves: Record<string, string> = {};
  const mac = createMac(secret);
  collect(args, [], leaves, (text) => mac(text).slice(0, DIGEST_LENGTH));
  return leaves;
}

/** The paths whose values differ, sorted; empty when both are the same request. */
export function differingFields(first: Fingerprint, second: Fingerprint): string[] {
  const paths = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...paths].filter((path) => first[path] !== second[path]).sort();
}

function collect(value: unknown, path: readonly string[], leaves: Record<string, string>, digest: (text: string) => string): void {
  if (isBranch(value) && path.length < MAX_DEPTH) {
    const entries = Object.entries(value).filter(([key, inner]) => inner !== undefined && !(path.length <= 1 && key === KEY_FIELD));
    const isLong = Array.isArray(value) && value.length > MAX_ENTRIES_BY_FIELD;
    for (const [key, inner] of entries) {
      const place = [...path, key];
      if (isLong && isBranch(inner)) leaves[place.join('.')] = digest(`${place.join('.')}\n${textOf(inner)}`);
      else collect(inner, place, leaves, digest);
    }
    if (entries.length === 0 && path.length > 1) leaves[path.join('.')] = digest(Array.isArray(value) ? '[]' : '{}');
    return;
  }
  leaves[path.join('.')] = digest(`${path.join('.')}\n${canonical(value)}`);
}

/** One text for one entry, unambiguous: its fields come in the order of the schema, whatever the client's was. */
function textOf(value: unknown): string {
  if (!isBranch(value)) return canonical(value);
  let text = Array.isArray(value) ? '[' : '{';
  for (const [key, inner] of Object.entries(value)) if (inner !== undefined) text += `${key}:${textOf(inner)},`;
  return text;
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}

function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `n${value}`;
  if (value instanceof Date) return `d${value.toISOString()}`;
  return JSON.stringify(value) ?? 'null';
}
