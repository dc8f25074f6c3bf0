import { TesseraError } from '../errors/index.ts';
import { derivedKey } from '../ids/index.ts';

const MAX_KEY_LENGTH = 128;

/**
 * The effective key of one mutation field: the one in the input, or, from the `Idempotency-Key` header, one derived from the header and the
 * field's response key, so that an operation may hold several mutations.
 * @throws TesseraError IDEMPOTENCY_KEY_REQUIRED when there is neither, BAD_USER_INPUT when they differ or are malformed.
 */
export function effectiveKey(inputKey: string | null | undefined, headerKey: string | null, responseKey: string): string {
  if (inputKey && headerKey && inputKey !== headerKey) {
    throw new TesseraError('BAD_USER_INPUT', 'input.idempotencyKey and the Idempotency-Key header differ: send one of them.', {
      path: ['input', 'idempotencyKey'],
    });
  }
  if (inputKey !== null && inputKey !== undefined) return checked(inputKey);
  if (headerKey) return derivedKey(checked(headerKey), responseKey);
  throw new TesseraError(
    'IDEMPOTENCY_KEY_REQUIRED',
    'Every mutation needs an idempotency key: set input.idempotencyKey or the Idempotency-Key header to a new UUID per intent.',
  );
}

function checked(key: string): string {
  if (/^[\x21-\x7e]{1,128}$/.test(key)) return key;
  throw new TesseraError('BAD_USER_INPUT', `An idempotency key is 1 to ${MAX_KEY_LENGTH} visible ASCII characters; a UUID is best.`, {
    path: ['input', 'idempotencyKey'],
  });
}
