import { codeOf, type GraphFault, requestErrorOf, TesseraRequestError } from './errors.ts';

/** A usable answer. Parts that a sleeping subgraph owes are null in `data` and explained in `errors`. */
export interface Answer<Data> {
  readonly data: Data;
  readonly errors: readonly GraphFault[];
  /** The mutation had been done before under this key: this is the outcome of then. */
  readonly isReplayed: boolean;
  /** Some subgraph had not yet heard of this client's last writes. */
  readonly isStale: boolean;
}

/** What a request came to; `retry` holds what to say when there are no attempts left. */
export type Verdict =
  | { readonly kind: 'answered'; readonly answer: Answer<unknown> }
  | { readonly kind: 'unauthenticated'; readonly error: TesseraRequestError }
  | { readonly kind: 'failed'; readonly error: TesseraRequestError }
  | { readonly kind: 'retry'; readonly afterMs: number | null; readonly last: Answer<unknown> | TesseraRequestError };

const RETRYABLE_CODES: readonly string[] = ['SERVICE_UNAVAILABLE', 'TIMEOUT'];
const RETRYABLE_STATUS: readonly number[] = [408, 425, 429];
const FIRST_SERVER_FAULT = 500;

/** @param body the parsed JSON of the answer, or undefined when it is none */
export function judge(status: number, body: unknown): Verdict {
  if (!isGraphBody(body)) return judgeStatus(status);
  const { data = null, errors = [], extensions = {} } = body;
  const decisive = data === null ? errors : errors.filter(({ path = [] }) => path.length <= 1);
  if (data === null || decisive.length > 0) return judgeFaults(decisive, data);

  const answer = { data, errors, isReplayed: isReplayed(extensions), isStale: Boolean(extensions.stale) };
  const waitMs = inProgressMs(data);
  return waitMs === null ? { kind: 'answered', answer } : { kind: 'retry', afterMs: waitMs, last: answer };
}

/** No answer came: the request may or may not have been carried out, and its key makes asking again safe. */
export function unanswered(cause: unknown): Verdict {
  return { kind: 'retry', afterMs: null, last: new TesseraRequestError('NETWORK', 'The platform cannot be reached.', { cause }) };
}

function judgeStatus(status: number): Verdict {
  if (status >= FIRST_SERVER_FAULT || RETRYABLE_STATUS.includes(status)) {
    return {
      kind: 'retry',
      afterMs: null,
      last: new TesseraRequestError('SERVICE_UNAVAILABLE', `The platform answers with status ${status}.`),
    };
  }
  return { kind: 'failed', error: new TesseraRequestError('INVALID_ANSWER', `Status ${status} with an answer that is not GraphQL.`) };
}

function judgeFaults(faults: readonly GraphFault[], data: unknown): Verdict {
  const error = requestErrorOf(faults, data);
  if (error.code === 'UNAUTHENTICATED') return { kind: 'unauthenticated', error };
  const isPassing = faults.length > 0 && faults.every((fault) => RETRYABLE_CODES.includes(codeOf(fault)));
  return isPassing ? { kind: 'retry', afterMs: null, last: error } : { kind: 'failed', error };
}

/** Some field of it is still being worked on elsewhere under the same key. */
export function isUndecided({ data }: Answer<unknown>): boolean {
  return isRecord(data) && inProgressMs(data) !== null;
}

/** The wait that some field of a mutation asks for because its key is being worked on elsewhere, or null. */
function inProgressMs(data: Readonly<Record<string, unknown>>): number | null {
  const waits = Object.values(data)
    .filter(isInProgress)
    .map(({ retryAfterMs }) => (typeof retryAfterMs === 'number' ? retryAfterMs : 0));
  return waits.length > 0 ? Math.max(...waits) : null;
}

function isInProgress(field: unknown): field is { readonly retryAfterMs?: unknown } {
  return isRecord(field) && (field.__typename === 'IdempotencyInProgress' || field.code === 'IDEMPOTENCY_IN_PROGRESS');
}

function isReplayed(extensions: Readonly<Record<string, unknown>>): boolean {
  return isRecord(extensions.idempotency) && extensions.idempotency.replayed === true;
}

interface GraphBody {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphFault[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

function isGraphBody(body: unknown): body is GraphBody {
  if (!isRecord(body)) return false;
  const { data, errors } = body;
  return (isRecord(data) || Array.isArray(errors)) && (errors === undefined || Array.isArray(errors));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
