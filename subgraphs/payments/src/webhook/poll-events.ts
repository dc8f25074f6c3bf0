import { ensure } from '@tessera/service-kit/errors';
import { type EntityManager, type MikroORM, rawSql, transaction } from '@tessera/service-kit/persistence';
import type { ProviderAdapter, ProviderEvent } from '../provider/provider-adapter.ts';
import { ProviderError } from '../provider/provider-error.ts';
import type { PaymentsServices } from '../services.ts';
import { createLoop, type Loop } from './loop.ts';
import { storeEvents } from './store-events.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';

const INTERVAL_MS = 60_000;
/** Read again each time: events become visible in the provider's list a little late, and clocks differ. */
const OVERLAP_MS = 300_000;
/** As many as a provider answers at once. */
const BATCH = 1_000;
/** Of one pass: the next one goes on from there. */
const MAX_BATCHES = 20;
/** Providers date events in whole seconds, and a batch holds whole seconds. */
const SECOND_MS = 1_000;

export interface EventPollerParts {
  readonly orm: MikroORM;
  readonly services: PaymentsServices;
  readonly metrics: WebhookMetrics;
  /** Lets the worker look at once. */
  readonly wake: () => void;
  readonly intervalMs?: number;
}

/** Reads the providers' own lists of events now and then, and keeps what no webhook has told. */
export function createEventPoller({ intervalMs = INTERVAL_MS, ...parts }: EventPollerParts): Loop {
  const { services } = parts;
  const round = async (signal: AbortSignal): Promise<boolean> => {
    for (const adapter of Object.values(services.adapters)) {
      await pollEvents(adapter, parts, signal).catch((error: unknown) => {
        if (!(error instanceof ProviderError)) throw error;
        services.log.warn({ provider: adapter.name, code: error.code, reason: error.reason }, 'the events of a provider cannot be read');
      });
    }
    return false;
  };
  return createLoop({ name: 'poll-events', intervalMs, log: services.log, round });
}

/**
 * One pass over what is new, batch by batch, each kept before the next is asked for: what was read stays read when a request fails, and the
 * next pass goes on behind it. No transaction is open while the provider is asked.
 * @param signal ends the pass between two batches
 * @returns how many events were new
 * @throws ProviderError when a batch cannot be read
 */
export async function pollEvents(
  adapter: ProviderAdapter,
  parts: Omit<EventPollerParts, 'intervalMs'>,
  signal?: AbortSignal,
): Promise<number> {
  const { orm, services } = parts;
  const startedAt = new Date();
  let since = new Date((await readUntil(orm.em.fork(), adapter, startedAt)).getTime() - OVERLAP_MS);
  let found = 0;
  try {
    for (let batch = 0; batch < MAX_BATCHES && !signal?.aborted; batch += 1) {
      const events = await adapter.eventsSince(since);
      const last = events.at(-1)?.createdAt;
      const next = last && new Date(last.getTime() + SECOND_MS);
      found += await keepBatch(orm, adapter, { events, readUntil: next ? cursorFor(next, startedAt) : startedAt, now: startedAt });
      if (!next) break;
      if (events.length >= BATCH && events[0]?.createdAt.getTime() === last.getTime())
        services.log.error({ provider: adapter.name, at: last }, 'more events at one instant than can be read: some may be missed');
      since = next;
    }
  } finally {
    if (found > 0) tellFound(adapter, found, parts);
  }
  return found;
}

/** The next pass begins so much before the cursor; of the last minutes it reads all again in any case. */
function cursorFor(next: Date, startedAt: Date): Date {
  return new Date(Math.min(next.getTime() + OVERLAP_MS, startedAt.getTime()));
}

function tellFound({ name }: ProviderAdapter, found: number, { metrics, services, wake }: Omit<EventPollerParts, 'intervalMs'>): void {
  metrics.gaps.inc({ provider: name }, found);
  services.log.info({ provider: name, found }, 'events were found that no webhook had told');
  wake();
}

/** Up to where the list has been read before; the first time there is nothing to catch up with. */
async function readUntil(em: EntityManager, { name }: ProviderAdapter, now: Date): Promise<Date> {
  const [cursor] = await rawSql<{ read_until: string }>(
    em,
    `with added as (insert into provider_cursors (provider, read_until) values ($1, $2::timestamptz) on conflict do nothing returning read_until)
     select read_until from added union all select read_until from provider_cursors where provider = $1 limit 1`,
    [name, now.toISOString()],
  );
  return new Date(ensure(cursor, 'the cursor of a provider').read_until);
}

interface Batch {
  readonly events: readonly ProviderEvent[];
  readonly readUntil: Date;
  readonly now: Date;
}

/** Events and cursor commit together; a cursor never goes back, whichever replica is ahead. */
async function keepBatch(orm: MikroORM, { name }: ProviderAdapter, { events, readUntil: until, now }: Batch): Promise<number> {
  return transaction(orm.em, async (em) => {
    const added = await storeEvents(em, { provider: name, source: 'POLL', events, traceparent: null, now });
    await rawSql(em, 'update provider_cursors set read_until = greatest(read_until, $2::timestamptz) where provider = $1', [
      name,
      until.toISOString(),
    ]);
    return added.length;
  });
}
