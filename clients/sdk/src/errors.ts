/** The closed list of the platform, and what only a client can see: no network, or an answer that is not GraphQL. */
export type RequestErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'RATE_LIMITED'
  | 'COST_LIMITED'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'OPERATION_NOT_ALLOWED'
  | 'IDEMPOTENCY_KEY_REQUIRED'
  | 'SERVICE_UNAVAILABLE'
  | 'TIMEOUT'
  | 'INTERNAL'
  | 'NETWORK'
  | 'INVALID_ANSWER'
  | (string & Record<never, never>); // a newer platform may answer codes that this client does not know

/** One entry of a GraphQL answer's `errors`. */
export interface GraphFault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface RequestErrorDetails {
  /** Partial data, where the answer held some beside its errors. */
  readonly data?: unknown;
  readonly errors?: readonly GraphFault[];
  readonly cause?: unknown;
}

/** The request has no usable answer. Business refusals are never this: they are data. */
export class TesseraRequestError extends Error {
  override readonly name = 'TesseraRequestError';
  readonly code: RequestErrorCode;
  /** Partial data, else null. */
  readonly data: unknown;
  readonly errors: readonly GraphFault[];

  constructor(code: RequestErrorCode, message: string, { data = null, errors = [], cause }: RequestErrorDetails = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.data = data;
    this.errors = errors;
  }
}

export function codeOf(fault: GraphFault): RequestErrorCode {
  const code = fault.extensions?.code;
  return typeof code === 'string' ? code : 'INTERNAL';
}

/** @param faults at least one; the first decides the code and the message */
export function requestErrorOf(faults: readonly GraphFault[], data: unknown = null): TesseraRequestError {
  const [first] = faults;
  if (!first) return new TesseraRequestError('INVALID_ANSWER', 'The answer holds neither data nor errors.', { data });
  return new TesseraRequestError(codeOf(first), first.message, { data, errors: faults });
}
