import type { Logger } from '@tessera/service-kit/service';
import type { ExecutorResult } from './executor.ts';
import { nothingLeft } from './nothing-left.ts';

/**
 * The executor reports a null where the schema has none as an extension with internal words. Below a nullable field that is expected: an entity
 * that the viewer may not see becomes null. Only where nothing is left at all the client must hear why.
 */
export function tidy(result: ExecutorResult, log: Logger): ExecutorResult {
  const { extensions, ...rest } = result;
  const { valueCompletion, ...kept } = (extensions ?? {}) as Record<string, unknown>; // set by the executor only
  const isEmpty = valueCompletion !== undefined && rest.data === null && !rest.errors;
  return {
    ...rest,
    ...(isEmpty ? { errors: [nothingLeft(log)] } : {}),
    ...(Object.keys(kept).length > 0 ? { extensions: kept } : {}),
  };
}
