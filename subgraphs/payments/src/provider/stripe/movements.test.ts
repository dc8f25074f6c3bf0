import { describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { movements } from './movements.ts';

const [FROM, TO] = [new Date('2026-11-21T00:00:00.000Z'), new Date('2026-11-22T00:00:00.000Z')];
const PAGE = 100;

/** A balance that never ends, read page by page. */
function endlessBalance() {
  let pages = 0;
  const list = async function* () {
    for (;;) {
      pages += 1;
      await new Promise((resolve) => setImmediate(resolve));
      for (let line = 0; line < PAGE; line += 1)
        yield {
          id: `txn_${pages}_${line}`,
          reporting_category: 'charge',
          source: 'ch_1',
          currency: 'usd',
          amount: 5,
          fee: 1,
          net: 4,
          created: 9,
        };
    }
  };
  const stripe = { balanceTransactions: { list } } as unknown as Stripe; // nothing else of it is asked
  return { stripe, pages: () => pages };
}

describe('movements of the balance', () => {
  it('MUST come as they are read: a page is asked for once the one before is taken', async () => {
    const { stripe, pages } = endlessBalance();
    const reading = movements(stripe, FROM, TO);
    expect((await reading.next()).value).toMatchObject({ id: 'txn_1_0', kind: 'CHARGE', amountMinor: 5n, feeMinor: 1n, netMinor: 4n });
    for (let line = 1; line < PAGE; line += 1) await reading.next();
    expect(pages()).toBe(1);
    await reading.next();
    expect(pages()).toBe(2);
    await reading.return(undefined);
  });

  it('MUST end when they are told to, without another page', async () => {
    const { stripe, pages } = endlessBalance();
    const ending = new AbortController();
    const reading = movements(stripe, FROM, TO, ending.signal);
    await reading.next();
    ending.abort();
    await expect(reading.next()).rejects.toMatchObject({ name: 'ProviderError', reason: 'READING_ENDED' });
    expect(pages()).toBe(1);
  });

  it('are refused when there are more than can be held', async () => {
    const { stripe } = endlessBalance();
    const all = async () => {
      for await (const _ of movements(stripe, FROM, TO));
    };
    await expect(all()).rejects.toMatchObject({ code: 'REJECTED', reason: 'TOO_MANY_MOVEMENTS' });
  });
});
