import type { ErrorCode } from '@tessera/schema/contract';

/**
 * A fault that a caller may see as a top-level GraphQL error: `code` is from the closed list, `message` says what to do, `data` goes into
 * `extensions`. Business refusals are never thrown: they are outcomes (see `Problem` in `graphql`).
 */
export class TesseraError extends Error {
  override readonly name: string = 'TesseraError';
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, unknown>>;
  constructor(code: ErrorCode, message: string, data: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.data = data;
  }
}

/** A broken invariant: our own bug. Masked as INTERNAL, logged whole. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/** Ends a switch over a union: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`Unexpected case: ${JSON.stringify(value)}`);
}

/** Narrows away null and undefined where the code above has proved them impossible. */
export function ensure<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new InvariantViolation(`Missing: ${what}`);
  return value;
}
