import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from '@tessera/service-kit/persistence';
import type { ProviderAdapter } from '../provider/provider-adapter.ts';
import { tooSlow } from './read-movements.ts';
import { type ReconciliationResult, reconcile } from './reconcile.ts';

const MAX_MOVEMENTS = 50_000;
/** Of everything: the gateway waits for five seconds. */
const TIMEOUT_MS = 4_000;

type Flights = Map<string, Promise<ReconciliationResult>>;
const flightsOf = new WeakMap<ProviderAdapter, Flights>();

/**
 * Compares a day while somebody waits. Whoever asks this process for a day that is just being compared gets the same result.
 * @throws BookTooLarge when it does not fit in the time or the bound; else as `reconcile`
 */
export function reconcileNow(
  adapter: ProviderAdapter,
  date: string,
  em: EntityManager,
  timeoutMs = TIMEOUT_MS,
): Promise<ReconciliationResult> {
  const flights = flightsOf.get(adapter) ?? new Map<string, Promise<ReconciliationResult>>();
  flightsOf.set(adapter, flights);
  const flying = flights.get(date);
  if (flying) return flying;
  // A fork of its own: whoever began may be answered before the last statement is.
  const flight = within(timeoutMs, (signal) =>
    reconcile(adapter, date, em.fork({ clear: true }), { maxMovements: MAX_MOVEMENTS, timeoutMs, signal }),
  ).finally(() => flights.delete(date));
  flights.set(date, flight);
  return flight;
}

async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  const deadline = async (): Promise<never> => {
    await sleep(timeoutMs, undefined, { signal: done.signal });
    late.abort();
    throw tooSlow();
  };
  const working = work(late.signal);
  working.catch(() => undefined); // it may fail after it was given up
  const waiting = deadline();
  waiting.catch(() => undefined); // it ends that way when the work is done
  try {
    return await Promise.race([working, waiting]);
  } finally {
    done.abort();
  }
}
