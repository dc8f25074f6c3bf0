import { randomUUID } from 'node:crypto';
import { ERROR_CODES, type ErrorCode } from '@tessera/schema/contract';
import { TesseraError } from '@tessera/service-kit/errors';
import { classifyError, pathOfLiteral } from '@tessera/service-kit/graphql';
import type { Logger } from '@tessera/service-kit/service';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isOwnError } from './own-error.ts';

const CLOSED_LIST: ReadonlySet<string> = new Set(ERROR_CODES);

/** What the server in front of us says in its own words → the closed list. */
const TRANSLATED: ReadonlyMap<string, ErrorCode> = new Map([
  ['GRAPHQL_PARSE_FAILED', 'BAD_USER_INPUT'],
  ['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'],
  ['BAD_REQUEST', 'BAD_USER_INPUT'],
  ['OPERATION_RESOLUTION_FAILURE', 'BAD_USER_INPUT'],
  ['PERSISTED_QUERY_NOT_SUPPORTED', 'BAD_USER_INPUT'],
]);

const MASKED = 'Something went wrong on our side.';
/** Facts about our inside that the executor or the server adds. */
const HIDDEN_EXTENSIONS: ReadonlySet<string> = new Set([
  'serviceName',
  'stacktrace',
  'exception',
  'http',
  'response',
  'query',
  'variables',
]);

/** What our subgraphs give their faults; nothing else fits into it. */
const ERROR_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The one place where an error becomes what a client sees. Errors with a code of the closed list keep message, code and data; everything else is
 * masked as INTERNAL and logged under the id that the client sees. An INTERNAL of a subgraph is masked too, and keeps the id under which the subgraph logged it.
 */
export function publicError(formatted: GraphQLFormattedError, cause: unknown, log: Logger): GraphQLFormattedError {
  const code = codeOf(formatted, cause);
  if (!code) return masked(formatted, cause, log);
  const data = Object.entries(formatted.extensions ?? {}).filter(([key]) => !HIDDEN_EXTENSIONS.has(key));
  const literal = cause instanceof GraphQLError && code === 'BAD_USER_INPUT' ? pathOfLiteral(cause) : null;
  const extensions = { ...(literal ? { path: literal } : {}), ...Object.fromEntries(data), ...dataOf(cause), code };
  return { ...placeOf(formatted), message: formatted.message, extensions };
}

/** Of an error that did not come through the server. */
export function publicErrorOf(error: unknown, log: Logger): GraphQLFormattedError {
  if (error instanceof GraphQLError) return publicError(error.toJSON(), error, log);
  if (error instanceof TesseraError) return publicError({ message: error.message, extensions: { code: error.code } }, error, log);
  return masked({ message: MASKED }, error, log);
}

/** A guess at what the client meant would tell names that it may not know. */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ ?Did you mean (.+?)\?$/, '');
  const extensions = { ...error.extensions, code: error.extensions.code ?? 'BAD_USER_INPUT' };
  return new GraphQLError(message, {
    extensions,
    ...(error.nodes ? { nodes: error.nodes } : {}),
    ...(error.path ? { path: error.path } : {}),
  });
}

/** What is wrong with a variable and where, by what graphql-js says about it: without the whole value, which it quotes. */
export function badVariable(error: GraphQLError): GraphQLError {
  const { message, data, code } = classifyError(error);
  return withoutSuggestion(new GraphQLError(message, { ...(error.nodes ? { nodes: error.nodes } : {}), extensions: { ...data, code } }));
}

function codeOf({ extensions }: GraphQLFormattedError, cause: unknown): ErrorCode | null {
  const original = originOf(cause);
  if (original instanceof TesseraError) return original.code === 'INTERNAL' ? null : original.code;
  const code = typeof extensions?.code === 'string' ? extensions.code : ''; // a subgraph may say anything
  if (isListed(code)) return code === 'INTERNAL' && !isOwnError(cause) ? null : code;
  return TRANSLATED.get(code) ?? (isMistakeOfTheClient(cause) ? 'BAD_USER_INPUT' : null);
}

/** The server in front of us gives some refusals (persisted operations) no code of their own, but the status of a bad request. */
function isMistakeOfTheClient(cause: unknown): boolean {
  const original = cause instanceof GraphQLError ? cause : null;
  const http = original?.extensions.http as { readonly status?: number } | undefined; // Apollo Server's own extension
  return http?.status === 400;
}

function isListed(code: string): code is ErrorCode {
  return CLOSED_LIST.has(code);
}

function dataOf(cause: unknown): Readonly<Record<string, unknown>> {
  const original = originOf(cause);
  return original instanceof TesseraError ? original.data : {};
}

function masked(formatted: GraphQLFormattedError, cause: unknown, log: Logger): GraphQLFormattedError {
  const known = loggedAs(formatted);
  const errorId = known ?? randomUUID();
  if (known === null) log.error({ err: originOf(cause), errorId, path: formatted.path }, 'operation failed');
  return { ...placeOf(formatted), message: MASKED, extensions: { code: 'INTERNAL', errorId } };
}

/** The id under which the subgraph, or whoever asked it, has told of the error in the log. */
function loggedAs({ extensions }: GraphQLFormattedError): string | null {
  const { code, errorId } = extensions ?? {};
  return code === 'INTERNAL' && typeof errorId === 'string' && ERROR_ID.test(errorId) ? errorId : null;
}

function placeOf({ path, locations }: GraphQLFormattedError): Pick<GraphQLFormattedError, 'path' | 'locations'> {
  return { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
}

function originOf(cause: unknown): unknown {
  return cause instanceof GraphQLError ? (cause.originalError ?? cause) : cause;
}
