import type { ErrorCode } from '@tessera/schema/contract';
import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { TesseraError } from '../errors/index.ts';
import { isConnectionError, sqlState } from '../persistence/sql-state.ts';
import { pathOfLiteral } from './literal-path.ts';

/** What the outside hears for each code. Total: a new code without an entry does not compile. `null` keeps the error's own message. */
const MESSAGES: Readonly<Record<ErrorCode, string | null>> = {
  UNAUTHENTICATED: null,
  FORBIDDEN: null,
  BAD_USER_INPUT: null,
  RATE_LIMITED: null,
  COST_LIMITED: null,
  PERSISTED_QUERY_NOT_FOUND: null,
  OPERATION_NOT_ALLOWED: null,
  IDEMPOTENCY_KEY_REQUIRED: null,
  SERVICE_UNAVAILABLE: 'This part of the platform cannot be reached at the moment: try again.',
  TIMEOUT: 'This took too long and was given up: try again.',
  INTERNAL: 'Something went wrong on our side.',
};

const STATEMENT_TIMEOUT = '57014';
const LOCK_TIMEOUT = '55P03';

export interface ClassifiedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether the cause is ours and belongs into the log. */
  readonly isFault: boolean;
}

/** The one place where an error becomes an answer: unknown ones are masked, their cause only goes to the log. */
export function classifyError(error: unknown): ClassifiedError {
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (cause instanceof TesseraError) return answer(cause.code, cause.message, cause.data);
  if (cause instanceof GraphQLError) return isOfTheResult(error, cause) ? answer('INTERNAL', '') : complaintAboutInput(error, cause);
  if (isConnectionError(cause)) return answer('SERVICE_UNAVAILABLE', '');
  const state = sqlState(cause);
  if (state === STATEMENT_TIMEOUT || state === LOCK_TIMEOUT) return answer('TIMEOUT', '');
  return answer('INTERNAL', '');
}

/**
 * GraphQL's own complaint about what a resolver answered, which it quotes: a value that does not fit its scalar, an object of no known
 * type. A complaint about an argument also comes with a path, but points at the value in the query and not at the field.
 */
function isOfTheResult(error: unknown, cause: GraphQLError): boolean {
  const isLocated = error instanceof GraphQLError && error.path !== undefined;
  return isLocated && (cause.nodes?.[0]?.kind ?? Kind.FIELD) === Kind.FIELD;
}

const BAD_VARIABLE = /^Variable "\$(\w+)" got invalid value .*?(?: at "([^"]+)")?; /s;

/** Where in the variables or in the text of the query it is, and what would be right; without the whole value, which GraphQL would quote: it may hold a password. */
function complaintAboutInput(error: unknown, cause: GraphQLError): ClassifiedError {
  const outer = error instanceof GraphQLError ? error.message : cause.message;
  const [prefix, variable, place] = BAD_VARIABLE.exec(outer) ?? [];
  if (!prefix || !variable) {
    const literal = pathOfLiteral(cause);
    return answer('BAD_USER_INPUT', cause.message, literal ? { path: literal } : {});
  }
  const path = (place ?? variable).split(/[.[\]]+/).filter(Boolean);
  return answer('BAD_USER_INPUT', `$${place ?? variable}: ${outer.slice(prefix.length)}`, { path });
}

/** Formats for the wire, handing faults to `report` with the id that the client sees. */
export function formatError(
  error: GraphQLError,
  report: (errorId: string, error: GraphQLError) => void,
  newErrorId: () => string,
): GraphQLFormattedError {
  const { code, message, data, isFault } = classifyError(error);
  const errorId = isFault ? newErrorId() : undefined;
  if (errorId) report(errorId, error);
  return {
    message,
    ...(error.locations ? { locations: error.locations } : {}),
    ...(error.path ? { path: error.path } : {}),
    extensions: { ...data, code, ...(errorId ? { errorId } : {}) },
  };
}

function answer(code: ErrorCode, message: string, data: Readonly<Record<string, unknown>> = {}): ClassifiedError {
  return {
    code,
    message: MESSAGES[code] ?? message,
    data,
    isFault: code === 'INTERNAL' || code === 'SERVICE_UNAVAILABLE' || code === 'TIMEOUT',
  };
}
