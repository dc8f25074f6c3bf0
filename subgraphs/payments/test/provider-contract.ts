import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeAlways } from './provider-contract/always.ts';
import type { Bench, Capability, ProviderBench } from './provider-contract/bench.ts';
import { describeBooks } from './provider-contract/books.ts';
import { describeDisputes } from './provider-contract/disputes.ts';
import { describeInPage } from './provider-contract/in-page.ts';
import { describeMethodPages } from './provider-contract/method-pages.ts';
import { describePages } from './provider-contract/pages.ts';
import { describeRefunds, describeSlowRefunds } from './provider-contract/refunds.ts';
import { describeSavedCards } from './provider-contract/saved-cards.ts';
import { describeTrouble } from './provider-contract/trouble.ts';
import { describeWebhooks } from './provider-contract/webhooks.ts';

const PARTS: Readonly<Record<Capability, (bench: Bench) => void>> = {
  PAGES: describePages,
  METHOD_PAGES: describeMethodPages,
  IN_PAGE: describeInPage,
  SAVED_CARDS: describeSavedCards,
  REFUNDS: describeRefunds,
  SLOW_REFUNDS: describeSlowRefunds,
  DISPUTES: describeDisputes,
  BOOKS: describeBooks,
  WEBHOOKS: describeWebhooks,
  TROUBLE: describeTrouble,
};

/**
 * What payments expects of every provider's adapter, in terms of the seam alone.
 * @param can what the bench has the means for; the list of tests has only those parts
 */
export function describeProvider(name: string, can: readonly Capability[], open: () => Promise<ProviderBench>): void {
  describe(name, () => {
    let opened: ProviderBench | undefined;
    const bench: Bench = () => {
      if (!opened) throw new Error('The bench is used before it is open.');
      return opened;
    };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened?.close();
    });
    describeAlways(bench);
    for (const capability of can) PARTS[capability](bench);
  });
}
