import { createHmac } from 'node:crypto';

/** Per input path an HMAC of the canonical value: fields that differ can be named, and no password or secret leaks into the table. */
export type Fingerprint = Readonly<Record<string, string>>;

const KEY_FIELD = 'idempotencyKey';
const MAX_DEPTH = 32;

/** Fingerprints coerced arguments without the idempotency key. `secret` is the service's own key for this purpose. */
export function fingerprintOf(args: Readonly<Record<string, unknown>>, secret: string | Buffer): Fingerprint {
  const leaves: Record<string, string> = {};
  collect(args, [], leaves, (text) => createHmac('sha256', secret).update(text).digest('base64url').slice(0, 22));
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
    for (const [key, inner] of entries) collect(inner, [...path, key], leaves, digest);
    if (entries.length === 0 && path.length > 1) leaves[path.join('.')] = digest(Array.isArray(value) ? '[]' : '{}');
    return;
  }
  leaves[path.join('.')] = digest(`${path.join('.')}\n${canonical(value)}`);
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}

function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `n${value}`;
  if (value instanceof Date) return `d${value.toISOString()}`;
  return JSON.stringify(value) ?? 'null';
}
