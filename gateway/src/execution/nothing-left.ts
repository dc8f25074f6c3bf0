import { randomUUID } from 'node:crypto';
import type { Logger } from '@tessera/service-kit/service';
import type { GraphQLError } from 'graphql';
import { ownError } from '../resilience/own-error.ts';

/** Nothing of the data is left and nobody said why: an entity is not there, or the viewer may not see it, where one must be. */
export function nothingLeft(log: Logger): GraphQLError {
  const errorId = randomUUID();
  log.warn({ errorId }, 'nothing is left of an answer');
  return ownError('A value that must be there was missing.', { errorId });
}
