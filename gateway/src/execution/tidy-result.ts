import { GraphQLError } from 'graphql';
import type { ExecutorResult } from './executor.ts';

/**
 * The executor reports a null where the schema has none as an extension with internal words. Below a nullable field that is expected: an entity
 * that the viewer may not see becomes null. Only where nothing is left at all the client must hear why.
 */
export function tidy(result: ExecutorResult): ExecutorResult {
  const { extensions, ...rest } = result;
  const { valueCompletion, ...kept } = (extensions ?? {}) as Record<string, unknown>; // set by the executor only
  const isEmpty = valueCompletion !== undefined && rest.data === null && !rest.errors;
  return {
    ...rest,
    ...(isEmpty ? { errors: [new GraphQLError('A value that must be there was missing.')] } : {}),
    ...(Object.keys(kept).length > 0 ? { extensions: kept } : {}),
  };
}
