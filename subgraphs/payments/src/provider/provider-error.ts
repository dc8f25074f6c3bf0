/**
 * Why there is no definitive answer. UNKNOWN: it may have been done, so it is asked again with the same key. NOT_SENT: it was certainly not
 * done (refused before it began). MISSING: the provider does not know the object. REJECTED: the provider will never do this; `reason` tells.
 */
export type ProviderErrorCode = 'UNKNOWN' | 'NOT_SENT' | 'MISSING' | 'REJECTED';

export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: ProviderErrorCode;
  /** A stable word for the books, such as AMOUNT_TOO_SMALL. */
  readonly reason: string;

  constructor(code: ProviderErrorCode, reason: string, options?: ErrorOptions) {
    super(`The provider gave no answer that counts: ${reason} (${code})`, options);
    this.code = code;
    this.reason = reason;
  }
}

/** MALFORMED: well signed, but no event, or none that can be kept. */
export type WebhookRefusal = 'NO_SIGNATURE' | 'BAD_SIGNATURE' | 'TOO_OLD' | 'FROM_THE_FUTURE' | 'MALFORMED';

/** A delivery that is not what it says: nothing of it is kept. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
  readonly reason: WebhookRefusal;

  constructor(reason: WebhookRefusal) {
    super(`The delivery is refused: ${reason}`);
    this.reason = reason;
  }
}
