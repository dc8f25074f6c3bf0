import { TesseraError } from '@tessera/service-kit/errors';

const RETRY_AFTER_MS = 500;

/** The queue is full or takes nothing any more, or somebody keeps what is needed: nothing was written, the same key may be sent again soon. */
export class LedgerBusy extends TesseraError {
  override readonly name = 'LedgerBusy';
  readonly retryAfterMs = RETRY_AFTER_MS;
  constructor() {
    super('SERVICE_UNAVAILABLE', 'The ledger cannot do this just now: try again soon with the same key.', {
      retryAfterMs: RETRY_AFTER_MS,
      isRetryable: true,
    });
  }
}

/** The database could not be reached for too long. What was asked may have happened: the same key tells. */
export class LedgerUnsure extends TesseraError {
  override readonly name = 'LedgerUnsure';
  constructor(cause: unknown) {
    super(
      'SERVICE_UNAVAILABLE',
      'The ledger cannot reach its database: whether this happened is not known, send it again with the same key.',
      { retryAfterMs: RETRY_AFTER_MS, isRetryable: true },
      { cause },
    );
  }
}
