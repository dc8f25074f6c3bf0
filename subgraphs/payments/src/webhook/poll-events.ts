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
const PAGE = 1_000;
const MAX_PAGES = 20;

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
  const round = async (): Promise<boolean> => {
    for (const adapter of Object.values(services.adapters)) {
      await pollEvents(adapter, parts).catch((error: unknown) => {
        if (!(error instanceof ProviderError)) throw error;
        services.log.warn({ provider: adapter.name, code: error.code, reason: error.reason }, 'the events of a provider cannot be read');
      });
    }
    return false;
  };
  return createLoop({ name: 'poll-events', intervalMs, log: services.log, round });
}

/** One pass over what is new, page by page; no transaction is open while the provider is asked. @returns how many events were new */
export async function pollEvents(adapter: ProviderAdapter, parts: Omit<EventPollerParts, 'intervalMs'>): Promise<number> {
  const { orm, metrics, services, wake } = parts;
  const startedAt = new Date();
  let since = new Date((await readUntil(orm.em.fork(), adapter, startedAt)).getTime() - OVERLAP_MS);
  let found = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const events = await adapter.eventsSince(since);
    const isLast = events.length < PAGE;
    const last = events.at(-1)?.createdAt ?? since;
    found += await keepPage(orm, adapter, {
      events,
      readUntil: isLast ? startedAt : new Date(last.getTime() + OVERLAP_MS),
      now: startedAt,
    });
    if (isLast) break;
    if (last <= since) {
      services.log.error({ provider: adapter.name, since }, 'more events at one instant than a page holds: some may be missed');
      break;
    }
    since = last;
  }
  if (found > 0) {
    metrics.gaps.inc({ provider: adapter.name }, found);
    services.log.info({ provider: adapter.name, found }, 'events were found that no webhook had told');
    wake();
  }
  return found;
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

interface Page {
  readonly events: readonly ProviderEvent[];
  readonly readUntil: Date;
  readonly now: Date;
}

/** Events and cursor commit together; a cursor never goes back, whichever replica is ahead. */
async function keepPage(orm: MikroORM, { name }: ProviderAdapter, { events, readUntil: until, now }: Page): Promise<number> {
  return transaction(orm.em, async (em) => {
    const added = await storeEvents(em, { provider: name, source: 'POLL', events, traceparent: null, now });
    await rawSql(em, 'update provider_cursors set read_until = greatest(read_until, $2::timestamptz) where provider = $1', [
      name,
      until.toISOString(),
    ]);
    return added.length;
  });
}
