import type { ErrorCode } from '@tessera/schema/contract';
import { GraphQLError } from 'graphql';

/** By its origin, an error is known as our own: no subgraph can give its errors that, whatever it writes into them. */
const OURS = new Error('Said by the gateway itself.');

interface About {
  /** By which the log tells of it. */
  readonly errorId: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly code?: ErrorCode;
}

/** In words of our own, for the client as it is. */
export function ownError(message: string, { errorId, path, code = 'INTERNAL' }: About): GraphQLError {
  return new GraphQLError(message, { ...(path ? { path } : {}), originalError: OURS, extensions: { code, errorId } });
}

export function isOwnError(error: unknown): boolean {
  return error instanceof GraphQLError && error.originalError === OURS;
}
