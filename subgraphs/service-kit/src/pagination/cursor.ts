import { constantTimeEqual, hmac } from '../crypto/index.ts';
import { InvariantViolation, TesseraError } from '../errors/index.ts';

/** One column of the sort key. A Date keeps milliseconds only: give a column with microseconds as text. */
export type CursorValue = string | number | bigint | Date | null;

export interface CursorContent {
  /** Values of the sort columns in order, of the last row seen. */
  readonly sortKey: readonly CursorValue[];
  /** Id of that row: the tie-breaker. */
  readonly id: string;
  /** Hash of filter and order: a cursor is a place in one list, and in no other. */
  readonly filterHash: string;
}

export interface CursorPlace {
  readonly sortKey: readonly CursorValue[];
  readonly id: string;
}

const SIGNATURE_BYTES = 16;
/** Characters of base64url that 16 bytes take. */
const SIGNATURE_LENGTH = Math.ceil((SIGNATURE_BYTES * 4) / 3);
/** As the scalar `Cursor` has it. */
const MAX_CURSOR_LENGTH = 2_000;
/** Keeps a cursor's signature from meaning anything elsewhere under the same secret. */
const CONTEXT = 'tessera-cursor-1\n';

/** An opaque, signed text. Throws `InvariantViolation` for a value that has no exact text (NaN, an invalid date) or a key that is too long. */
export function encodeCursor({ sortKey, id, filterHash }: CursorContent, secret: string): string {
  const body = Buffer.from(JSON.stringify([sortKey.map(toJson), id, filterHash]), 'utf8').toString('base64url');
  const text = `${signature(body, secret)}${body}`;
  if (text.length > MAX_CURSOR_LENGTH) throw new InvariantViolation(`A sort key of ${text.length} characters is too long for a cursor.`);
  return text;
}

/** Throws `BAD_USER_INPUT` for a cursor that we did not make, or made for another filter or order. */
export function decodeCursor(text: string, filterHash: string, secret: string): CursorPlace {
  const body = text.slice(SIGNATURE_LENGTH);
  if (text.length > MAX_CURSOR_LENGTH || !constantTimeEqual(text.slice(0, SIGNATURE_LENGTH), signature(body, secret))) {
    throw new TesseraError('BAD_USER_INPUT', 'The cursor is not one that an earlier answer gave. Start from the first page.');
  }
  // Signed by ourselves, so the shape is the one `encodeCursor` wrote.
  const [values, id, madeFor] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as [JsonValue[], string, string];
  if (madeFor !== filterHash) {
    throw new TesseraError('BAD_USER_INPUT', 'The filter or the order changed since this cursor was given. Start from the first page.');
  }
  return { sortKey: values.map(fromJson), id };
}

type JsonValue = string | number | null | { readonly bigint: string } | { readonly date: string };

function toJson(value: CursorValue): JsonValue {
  if (typeof value === 'bigint') return { bigint: value.toString() };
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new InvariantViolation('An invalid date cannot be a sort key.');
    return { date: value.toISOString() };
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new InvariantViolation(`${value} cannot be a sort key.`);
  return value;
}

function fromJson(value: JsonValue): CursorValue {
  if (value === null || typeof value !== 'object') return value;
  return 'bigint' in value ? BigInt(value.bigint) : new Date(value.date);
}

function signature(body: string, secret: string): string {
  return hmac(secret, CONTEXT + body, 'base64url').slice(0, SIGNATURE_LENGTH);
}
