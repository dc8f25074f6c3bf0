import { describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { eventsSince } from './events-since.ts';

const NOW_S = Math.floor(Date.now() / 1_000);
const HOUR_S = 3_600;

interface Range {
  readonly gte: number;
  readonly lt?: number;
}
interface Account {
  readonly stripe: Stripe;
  readonly windows: Range[];
  readonly requests: () => number;
}

/** Lists what happened at these seconds as Stripe does: newest first, 100 a page. @param fails whether the request with this number does */
function accountWith(secondsOfEvents: readonly number[], fails: (request: number) => boolean = () => false): Account {
  const all = secondsOfEvents.map((created, index) => ({
    ...{ id: `evt_${index}`, object: 'event', type: 'a.b', created },
    data: { object: { id: 'cus_1' } },
  }));
  const windows: Range[] = [];
  let requests = 0;
  const list = async function* ({ created: { gte, lt = Number.POSITIVE_INFINITY }, limit }: { created: Range; limit: number }) {
    windows.push({ gte, lt });
    const listed = all.filter(({ created }) => created >= gte && created < lt).toReversed();
    for (let page = 0; page === 0 || page * limit < listed.length; page += 1) {
      requests += 1;
      if (fails(requests)) throw new Error('reset');
      yield* listed.slice(page * limit, (page + 1) * limit);
    }
  };
  const stripe = { events: { list } } as unknown as Stripe; // nothing else of it is asked
  return { stripe, windows, requests: () => requests };
}

/** Everything from then on, as the poller goes on from what it was given. */
async function readAll({ stripe }: Account, sinceS: number): Promise<string[]> {
  const ids: string[] = [];
  for (let calls = 0; calls < 1_000; calls += 1) {
    const events = await eventsSince(stripe, new Date(sinceS * 1_000)).catch(() => null);
    if (!events) continue;
    const last = events.at(-1);
    if (!last) return ids;
    ids.push(...events.map(({ id }) => id));
    sinceS = last.createdAt.getTime() / 1_000 + 1;
  }
  throw new Error('It does not come to an end.');
}

const steady = (count: number, fromS: number, untilS: number) =>
  Array.from({ length: count }, (_, index) => fromS + Math.floor((index * (untilS - fromS)) / count));
const idsOf = (seconds: readonly number[]) => seconds.map((_, index) => `evt_${index}`);

describe('the events since then', () => {
  it('are one request of a quiet account', async () => {
    const account = accountWith([NOW_S - 400, NOW_S - 200, NOW_S - 10]);
    const events = await eventsSince(account.stripe, new Date((NOW_S - 300) * 1_000));
    expect(events.map(({ id }) => id)).toEqual(['evt_1', 'evt_2']);
    expect(account.requests()).toBe(1);
  });

  it('hold what a clock ahead of ours has dated', async () => {
    const { stripe } = accountWith([NOW_S + 30]);
    expect(await eventsSince(stripe, new Date((NOW_S - 300) * 1_000))).toHaveLength(1);
    expect(await eventsSince(stripe, new Date((NOW_S + 60) * 1_000))).toEqual([]);
  });

  it.each([
    ['over a day', 50_000, 24 * HOUR_S],
    ['in one hour', 30_000, HOUR_S],
    ['within two minutes', 25_000, 120],
  ])('MUST be found whole and in order, also when there are more than 20,000 %s', async (_title, count, spanS) => {
    const seconds = steady(count, NOW_S - spanS, NOW_S);
    const account = accountWith(seconds);
    expect(await readAll(account, NOW_S - spanS)).toEqual(idsOf(seconds));
    expect(account.requests()).toBeLessThan((count / 100) * 6);
    expect(account.windows.every(({ gte, lt }) => lt !== undefined && gte < lt)).toBe(true);
  });

  it('MUST be found whole by a provider that fails half of all requests', async () => {
    const seconds = steady(3_000, NOW_S - 24 * HOUR_S, NOW_S);
    const account = accountWith(seconds, (request) => request % 2 === 0);
    expect(await readAll(account, NOW_S - 24 * HOUR_S)).toEqual(idsOf(seconds));
  });

  it('cross a month without any in a few requests', async () => {
    const account = accountWith([NOW_S - 30 * 24 * HOUR_S, NOW_S - 5]);
    expect(await readAll(account, NOW_S - 30 * 24 * HOUR_S)).toEqual(['evt_0', 'evt_1']);
    expect(account.requests()).toBeLessThan(25);
  });

  it('are 1,000 of a second that holds more, and go on behind it', async () => {
    const account = accountWith([...Array(1_500).fill(NOW_S - 100), NOW_S - 50]);
    const events = await eventsSince(account.stripe, new Date((NOW_S - 100) * 1_000));
    expect(events).toHaveLength(1_000);
    expect((await readAll(account, NOW_S - 99)).at(-1)).toBe('evt_1500');
  });

  it('say that the provider cannot be read when nothing was', async () => {
    const { stripe } = accountWith([], () => true);
    await expect(eventsSince(stripe, new Date())).rejects.toMatchObject({ name: 'ProviderError', code: 'UNKNOWN' });
  });
});
