import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '@tessera/schema/contract';
import { TesseraError } from '@tessera/service-kit/errors';
import type { Logger } from '@tessera/service-kit/service';
import { SubgraphTimeout, SubgraphUnreachable } from './transport.ts';

/** A GraphQL error as a subgraph would have given it. */
export interface FetchError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** One for each entity of the longest list that is asked for at once. */
const MAX_PATHS = 1_000;

/** Tells the client where data is missing and why, without saying anything about the inside; the cause goes to the log under the same id. */
export function faultErrors(error: unknown, subgraph: string, paths: readonly (readonly (string | number)[])[], log: Logger): FetchError[] {
  const errorId = randomUUID();
  const { code, message } = describeFault(error);
  log.error({ err: error, subgraph, errorId }, 'a subgraph did not answer');
  return paths.slice(0, MAX_PATHS).map((path) => ({ message, path, extensions: { code, errorId } }));
}

function describeFault(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof SubgraphTimeout) return { code: 'TIMEOUT', message: 'This took too long and was given up: try again.' };
  if (error instanceof SubgraphUnreachable)
    return { code: 'SERVICE_UNAVAILABLE', message: 'This part of the platform cannot be reached at the moment: try again.' };
  if (error instanceof TesseraError && error.code !== 'INTERNAL') return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: 'Something went wrong on our side.' };
}
