/** A stored outcome: own fields only, with bigint and Date kept apart from strings. */
export type StoredOutcome = Readonly<Record<string, unknown>>;

/** Marks what JSON does not know; keys of an outcome that start so get one more, and so are never taken for a mark. */
const MARK = '$';

/** Outcomes are flat facts, so a tagged copy is enough; class prototypes are not kept (the result union resolves by `__typename`). */
export function encodeOutcome(outcome: object): string {
  return JSON.stringify(tag(outcome));
}

export function decodeOutcome(stored: StoredOutcome): object {
  return untag(stored) as object; // what was encoded was an object
}

function tag(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: value.toString() };
  if (value instanceof Date) return { $date: value.toISOString() };
  if (Array.isArray(value)) return value.map(tag);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.startsWith(MARK) ? MARK + key : key, tag(inner)]));
  return value;
}

function untag(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untag);
  if (typeof value !== 'object' || value === null) return value;
  if ('$bigint' in value) return BigInt(String(value.$bigint));
  if ('$date' in value) return new Date(String(value.$date));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.startsWith(MARK + MARK) ? key.slice(1) : key, untag(inner)]));
}
