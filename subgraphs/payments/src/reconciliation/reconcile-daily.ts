import type { MikroORM } from '@tessera/service-kit/persistence';
import type { Metrics } from '@tessera/service-kit/service';
import type { ProviderAdapter } from '../provider/provider-adapter.ts';
import type { PaymentsServices } from '../services.ts';
import { createLoop, type Loop } from '../webhook/loop.ts';
import { datesDue, MAX_CATCH_UP } from './day.ts';
import { reconcile } from './reconcile.ts';
import { claimDay, knownDays, storeResult } from './stored-result.ts';

const INTERVAL_MS = 60_000;
const BOUNDS = { maxMovements: 100_000, timeoutMs: 600_000 };
/** Longer than a comparison may take. After a failure it is also the wait until the next try. */
const LEASE_MS = 900_000;

export interface DailyReconciliationParts {
  readonly orm: MikroORM;
  readonly services: PaymentsServices;
  readonly metrics: Metrics;
}

/** Compares each day once, shortly after its end, and makes it known when it does not balance. */
export function createDailyReconciliation({ orm, services, metrics }: DailyReconciliationParts): Loop {
  const found = metrics.gauge({
    name: 'tessera_payments_reconciliation_differences',
    help: 'Differences between our books and the provider’s, on the day that was compared last; 0 when it balances.',
    labelNames: ['provider'],
  });
  /** A day that fails is due again once its lease is over; the others do not wait for it. */
  const compare = async (adapter: ProviderAdapter, date: string, signal: AbortSignal) => {
    try {
      const differences = await reconcileDay(orm, services, adapter, date, signal);
      if (differences !== null) found.set({ provider: adapter.name }, differences);
    } catch (error) {
      if (signal.aborted) return;
      services.log.error({ err: error, provider: adapter.name, date }, 'the books of a day could not be compared');
    }
  };
  const round = async (signal: AbortSignal): Promise<boolean> => {
    for (const adapter of Object.values(services.adapters)) {
      for (const date of datesDue(await knownDays(orm.em.fork(), adapter.name, MAX_CATCH_UP), new Date())) {
        if (signal.aborted) return false;
        await compare(adapter, date, signal);
      }
    }
    return false;
  };
  return createLoop({ name: 'reconcile-daily', intervalMs: INTERVAL_MS, log: services.log, round });
}

/** @returns how many differences there are; null when another process compares that day or has done so */
export async function reconcileDay(
  orm: MikroORM,
  { log }: Pick<PaymentsServices, 'log'>,
  adapter: ProviderAdapter,
  date: string,
  signal?: AbortSignal,
): Promise<number | null> {
  if (!(await claimDay(orm.em.fork(), adapter.name, date, new Date(), LEASE_MS))) return null;
  const result = await reconcile(adapter, date, orm.em.fork(), { ...BOUNDS, ...(signal && { signal }) });
  if (!(await storeResult(orm.em.fork(), result))) return null;
  const count = result.differenceCount;
  const [first] = result.differences;
  if (count === 0) log.info({ provider: adapter.name, date }, 'the books of a day balance');
  else
    log.error(
      { provider: adapter.name, date, count, first: first && { ...first, expected: null, actual: null } },
      'the books of a day do not balance',
    );
  return count;
}
