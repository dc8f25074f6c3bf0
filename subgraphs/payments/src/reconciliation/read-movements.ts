import { TesseraError } from '@tessera/service-kit/errors';
import type { ProviderAdapter, ProviderMovement } from '../provider/provider-adapter.ts';
import { ProviderError } from '../provider/provider-error.ts';
import type { Interval } from './books.ts';

export interface Bounds {
  readonly maxMovements: number;
  readonly timeoutMs: number;
}

/**
 * The provider's book of that time, whole or not at all.
 * @throws TesseraError SERVICE_UNAVAILABLE when it cannot be read in time, BAD_USER_INPUT when there are more than the bound
 */
export async function readMovements(
  adapter: Pick<ProviderAdapter, 'movements'>,
  { from, until }: Interval,
  { maxMovements, timeoutMs }: Bounds,
): Promise<ProviderMovement[]> {
  const late = Promise.withResolvers<never>();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    late.reject(new TesseraError('SERVICE_UNAVAILABLE', 'The provider takes too long to list its movements.'));
  }, timeoutMs);
  const collect = async () => {
    const movements: ProviderMovement[] = [];
    for await (const movement of adapter.movements(from, until)) {
      if (isLate) break;
      if (movements.push(movement) > maxMovements) throw tooMany(maxMovements);
    }
    return movements;
  };
  try {
    return await Promise.race([collect(), late.promise]);
  } catch (cause) {
    if (!(cause instanceof ProviderError)) throw cause;
    throw new TesseraError('SERVICE_UNAVAILABLE', 'The provider cannot be read at the moment.', {}, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function tooMany(maxMovements: number): TesseraError {
  return new TesseraError('BAD_USER_INPUT', `There are more than ${maxMovements} movements: too many to compare at once.`, {
    maxMovements,
  });
}
