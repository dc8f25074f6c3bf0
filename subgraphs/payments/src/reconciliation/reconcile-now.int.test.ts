import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import { actAs } from '@tessera/service-kit/testing';
import { type CardsBed, openCards } from '../../test/cards-bed.ts';
import type { ProviderAdapter } from '../provider/provider-adapter.ts';
import { dateOf } from './day.ts';
import type { ReconciliationResult } from './reconcile.ts';
import { claimDay, storeResult } from './stored-result.ts';

const QUERY = `query($provider: PaymentProvider!, $date: Date!) { reconciliation(provider: $provider, date: $date) {
  date isBalanced isStored checkedAt differenceCount dailyCheckedAt wasBalanced isAsDaily
  totals { currency charged { minor } ledgerNet { minor } }
  differences { kind book providerId expected { minor } actual { minor } payment { id } } } }`;

let bed: CardsBed;
beforeAll(async () => {
  bed = await openCards();
});
afterAll(() => bed.close());

const ask = async (date: string) => {
  const { reconciliation } = await bed.data<{ reconciliation: { readonly isBalanced: boolean } }>(actAs.admin(), QUERY, {
    provider: 'STRIPE',
    date,
  });
  return reconciliation;
};

describe('a day that is too large for a request', () => {
  const PAST = '2026-02-02';
  const stripe = () => ensure(bed.subgraph.services.adapters.STRIPE, 'the adapter');
  /** As it is for whoever asks. */
  const answering = async <T>(movements: ProviderAdapter['movements'], work: () => Promise<T>): Promise<T> => {
    const spy = jest.spyOn(stripe(), 'movements').mockImplementation(movements);
    try {
      return await work();
    } finally {
      spy.mockRestore();
    }
  };
  async function* endless(_from: Date, _to: Date, signal?: AbortSignal): AsyncGenerator<never> {
    while (!signal?.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  it('is refused within what the gateway waits, and says what to do', async () => {
    const startedAt = performance.now();
    const { errors } = await answering(endless, () => bed.ask(actAs.admin(), QUERY, { provider: 'STRIPE', date: PAST }));
    expect(performance.now() - startedAt).toBeLessThan(4_900);
    expect(errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE', hint: expect.stringContaining('daily check') } }]);
  });

  it('MUST be answered as the daily check found it once that has, and say so', async () => {
    const order = await bed.paidOrder();
    const chargeId = ensure((await bed.attempts(order))[0]?.charge_id, 'the charge');
    const live = await ask(dateOf(new Date()));
    expect(live).toMatchObject({ isStored: false });
    const found = { kind: 'MISSING_HERE', book: 'PAYMENTS', providerId: chargeId, paymentId: order.paymentId } as const;
    await storeDay({ differences: [{ ...found, expected: { currency: 'USD', minor: -7n }, actual: null }], differenceCount: 1_234 });
    const answer = await answering(endless, () => ask(PAST));
    expect(answer).toMatchObject({
      ...{ date: PAST, isStored: true, isBalanced: false, differenceCount: 1_234, wasBalanced: false, isAsDaily: true },
      ...{ checkedAt: '2026-02-03T00:10:00.000Z', dailyCheckedAt: '2026-02-03T00:10:00.000Z' },
      totals: [{ currency: 'USD', charged: { minor: '10' }, ledgerNet: { minor: '3' } }],
      differences: [{ providerId: chargeId, expected: { minor: '-7' }, actual: null, payment: { id: order.paymentId } }],
    });
    expect(await ask(PAST)).toMatchObject({ isStored: false, isBalanced: true, wasBalanced: false, isAsDaily: false });
  });

  async function storeDay(found: Pick<ReconciliationResult, 'differences' | 'differenceCount'>): Promise<void> {
    const { orm } = bed.subgraph.platform;
    const total = {
      currency: 'USD',
      chargedMinor: 10n,
      refundedMinor: 1n,
      disputedMinor: 1n,
      feesMinor: 1n,
      netMinor: 7n,
      ledgerNetMinor: 3n,
      convertedMinor: 0n,
    };
    await claimDay(orm.em.fork(), 'STRIPE', PAST, new Date(), 1_000);
    const checkedAt = new Date('2026-02-03T00:10:00.000Z');
    await storeResult(orm.em.fork(), { provider: 'STRIPE', date: PAST, checkedAt, totals: [total], digest: 'x', ...found });
    await bed.sql('update reconciliations set claimed_until = now() where date = $1::date', [PAST]);
  }

  it('MUST be read once for all who ask at the same time', async () => {
    let reads = 0;
    const slow = async function* (): AsyncGenerator<never> {
      reads += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    const answers = await answering(slow, () =>
      Promise.all(['2026-02-05', '2026-02-05', '2026-02-06', '2026-02-05'].map((date) => ask(date))),
    );
    expect(answers.every(({ isBalanced }) => isBalanced)).toBe(true);
    expect(reads).toBe(2);
    await answering(slow, () => ask('2026-02-05'));
    expect(reads).toBe(3);
  });
});
