import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import { createMetrics } from '@tessera/service-kit/service';
import { type CardsBed, openCards } from '../../test/cards-bed.ts';
import type { ProviderEvent } from '../provider/provider-adapter.ts';
import { ProviderError } from '../provider/provider-error.ts';
import { pollEvents } from './poll-events.ts';
import { createWebhookMetrics } from './webhook-metrics.ts';

const DAY_MS = 86_400_000;

let bed: CardsBed;
beforeAll(async () => {
  // Attempts are not looked up now and then here: what arrives has come by an event.
  bed = await openCards({ providerPollMs: 600_000 });
});
afterAll(() => bed.close());

describe('the provider’s own list of events', () => {
  const SECOND_MS = 1_000;

  /** A provider of its own, with a cursor of its own. */
  function listing(batches: readonly (readonly string[] | Error)[], at: Date) {
    const asked: Date[] = [];
    const adapter = {
      ...ensure(bed.subgraph.services.adapters.STRIPE, 'the adapter'),
      name: 'PAYPAL' as const,
      eventsSince: async (since: Date): Promise<readonly ProviderEvent[]> => {
        const batch = batches[asked.push(since) - 1] ?? [];
        if (batch instanceof Error) throw batch;
        const createdAt = new Date(at.getTime() + asked.length * SECOND_MS);
        return batch.map((id) => ({ id, type: 'a.b', createdAt, objectId: null, subject: { kind: 'NONE' }, payload: {} }));
      },
    };
    return { adapter, asked };
  }
  const partsOf = () => ({
    ...{ orm: bed.subgraph.platform.orm, services: bed.subgraph.services, wake: () => {} },
    metrics: createWebhookMetrics(createMetrics('listing')),
  });
  const cursor = async (readUntil?: Date) => {
    if (readUntil)
      await bed.sql(
        `insert into provider_cursors (provider, read_until) values ('PAYPAL', $1::timestamptz)
         on conflict (provider) do update set read_until = excluded.read_until`,
        [readUntil],
      );
    const [row] = await bed.sql<{ at: string }>(
      `select extract(epoch from read_until) * 1000 as at from provider_cursors where provider = 'PAYPAL'`,
    );
    return new Date(Number(row?.at));
  };

  it('MUST be read on from what was kept when a request fails', async () => {
    const begun = new Date(Math.floor(Date.now() / SECOND_MS) * SECOND_MS - DAY_MS);
    await cursor(begun);
    const ids = [randomUUID(), randomUUID()];
    const failing = listing([[ids[0] ?? ''], new ProviderError('UNKNOWN', 'TIMEOUT')], begun);
    await expect(pollEvents(failing.adapter, partsOf())).rejects.toMatchObject({ reason: 'TIMEOUT' });
    expect(await bed.sql('select from webhook_inbox where event_id = $1', [ids[0]])).toHaveLength(1);
    expect((await cursor()).getTime()).toBeGreaterThan(begun.getTime());
    const next = listing([[ids[1] ?? '']], begun);
    expect(await pollEvents(next.adapter, partsOf())).toBe(1);
    expect(next.asked[0]).toEqual(failing.asked[1]);
    expect(Date.now() - (await cursor()).getTime()).toBeLessThan(60 * SECOND_MS);
  });

  it('MUST not be read for ever in one pass, nor after the end of its loop', async () => {
    const begun = new Date(Date.now() - DAY_MS);
    await cursor(begun);
    const busy = listing(
      Array.from({ length: 100 }, () => [randomUUID()]),
      begun,
    );
    expect(await pollEvents(busy.adapter, partsOf())).toBe(20);
    const closing = new AbortController();
    closing.abort();
    const closed = listing([[randomUUID()]], begun);
    expect(await pollEvents(closed.adapter, partsOf(), closing.signal)).toBe(0);
    expect(closed.asked).toEqual([]);
  });

  it('fills the gap when no webhook comes, once', async () => {
    await bed.simulator.control.hold('ALL');
    try {
      const order = await bed.cardOrder();
      await bed.pay(order);
      const { services, platform } = bed.subgraph;
      const adapter = ensure(services.adapters.STRIPE, 'the adapter');
      const metrics = createWebhookMetrics(createMetrics('poll'));
      const parts = { orm: platform.orm, services, metrics, wake: () => {} };
      expect(await pollEvents(adapter, parts)).toBeGreaterThan(0);
      await bed.until(order, 'CAPTURED');
      expect(await pollEvents(adapter, parts)).toBe(0);
      const [found] = await bed.sql(`select count(*) as n from webhook_inbox where source = 'POLL'`);
      expect(Number(found?.n)).toBeGreaterThan(0);
      const [cursor] = await bed.sql<{ age_s: string }>(
        'select extract(epoch from now() - read_until) as age_s from provider_cursors where provider = $1',
        ['STRIPE'],
      );
      expect(Number(cursor?.age_s)).toBeLessThan(60);
    } finally {
      await bed.simulator.control.release('ALL');
    }
  });
});
