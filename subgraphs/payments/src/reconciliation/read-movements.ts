import { TesseraError } from '@tessera/service-kit/errors';
import type { ProviderAdapter, ProviderMovement } from '../provider/provider-adapter.ts';
import { ProviderError } from '../provider/provider-error.ts';
import type { Interval } from './books.ts';

export interface Bounds {
  readonly maxMovements: number;
  readonly timeoutMs: number;
  /** Ends it before that. */
  readonly signal?: AbortSignal;
}

/** The provider's book does not fit in the bounds: SERVICE_UNAVAILABLE for time, BAD_USER_INPUT for length. */
export class BookTooLarge extends TesseraError {}

/**
 * The provider's book of that time, whole or not at all. Once it has been given up, the provider is asked for no further page.
 * @throws BookTooLarge when it cannot be read in time, or there are more movements than the bound
 * @throws TesseraError SERVICE_UNAVAILABLE when the provider cannot be read
 */
export async function readMovements(
  adapter: Pick<ProviderAdapter, 'movements'>,
  { from, until }: Interval,
  { maxMovements, timeoutMs, signal }: Bounds,
): Promise<ProviderMovement[]> {
  if (signal?.aborted) throw tooSlow();
  const ended = new AbortController();
  const late = Promise.withResolvers<never>();
  const giveUp = () => {
    late.reject(tooSlow());
    ended.abort();
  };
  const timer = setTimeout(giveUp, timeoutMs);
  signal?.addEventListener('abort', giveUp);
  const collect = async () => {
    const movements: ProviderMovement[] = [];
    for await (const movement of adapter.movements(from, until, ended.signal)) {
      if (ended.signal.aborted) break;
      if (movements.push(movement) > maxMovements) throw tooMany(maxMovements);
    }
    return movements;
  };
  try {
    return await Promise.race([late.promise, collect()]);
  } catch (cause) {
    if (!(cause instanceof ProviderError)) throw cause;
    throw new TesseraError('SERVICE_UNAVAILABLE', 'The provider cannot be read at the moment.', {}, { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** Days that are too large for a request are compared all the same. As data, as nobody outside is shown the message of such a fault. */
const HINT = 'The daily check compares such days after their end; once it has, what it found is answered here instead.';

export function tooSlow(): BookTooLarge {
  return new BookTooLarge('SERVICE_UNAVAILABLE', 'The provider takes too long to list the movements of this day.', { hint: HINT });
}

function tooMany(maxMovements: number): BookTooLarge {
  const text = `There are more than ${maxMovements} movements: too many to compare at once.`;
  return new BookTooLarge('BAD_USER_INPUT', text, { maxMovements, hint: HINT });
}
